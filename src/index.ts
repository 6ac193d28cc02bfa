/** Fovea's public face: tensors, arrays, compile. Layers, optimizers, data and training have entry points of their own. */
export { type CustomGradient, type CustomNode, customGradient } from "./autodiff/customGradient.ts";
export { grad, pullback } from "./autodiff/grad.ts";
export { type Deviation, type Gradcheck, type GradcheckOptions, gradcheck, type InputCheck } from "./autodiff/gradcheck.ts";
export type { Backend, MemoryReport } from "./backend/backend.ts";
export { reference } from "./backend/reference/backend.ts";
export type { DType } from "./base/dtype.ts";
export { f32, i32, NdArray } from "./base/ndarray.ts";
export type { Shape } from "./base/shape.ts";
export { type Graph, graphOf } from "./ir/graph.ts";
export { OpError } from "./ir/op.ts";
export { printGraph } from "./ir/print.ts";
export { Parameter, State } from "./ir/state.ts";
export { constant, input, Tensor } from "./ir/tensor.ts";
export { type AuxiliaryOutput, assign, withAuxiliaries } from "./ir/trace.ts";
export { type CompileOptions, compile, type InputSpec, trace } from "./runtime/compile.ts";
export { EngineError } from "./runtime/engineError.ts";
export { Program } from "./runtime/program.ts";
export { type WasmOptions, wasm } from "./runtime/wasm.ts";
