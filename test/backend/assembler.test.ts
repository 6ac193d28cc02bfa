import { describe, expect, test } from "vitest";
import { FunctionBuilder, type Global, type ImportedFunction, type ValueType } from "../../src/backend/wasm/function.ts";
import { assembleModule, type ModulePlan } from "../../src/backend/wasm/module.ts";
import { printFunction, printModule } from "../../src/backend/wasm/wat.ts";
import { ByteReader, ByteWriter } from "../../src/base/bytes.ts";

describe("bytes", () => {
  test.each([
    [0, [0]],
    [127, [0x7f]],
    [128, [0x80, 0x01]],
    [624485, [0xe5, 0x8e, 0x26]],
    [2 ** 32 - 1, [0xff, 0xff, 0xff, 0xff, 0x0f]],
  ])("unsigned %d", (n, bytes) => {
    const written = new ByteWriter(1).unsigned(n).take();
    expect([...written]).toEqual(bytes);
    expect(new ByteReader(written).unsigned()).toBe(n);
  });

  test.each([
    [0, [0]],
    [63, [0x3f]],
    [64, [0xc0, 0x00]],
    [-1, [0x7f]],
    [-64, [0x40]],
    [-65, [0xbf, 0x7f]],
    [-123456, [0xc0, 0xbb, 0x78]],
    [2 ** 31 - 1, [0xff, 0xff, 0xff, 0xff, 0x07]],
    [-(2 ** 31), [0x80, 0x80, 0x80, 0x80, 0x78]],
  ])("signed %d", (n, bytes) => {
    expect([...new ByteWriter(1).signed(n).take()]).toEqual(bytes);
    expect([...new ByteWriter(1).signed64(BigInt(n)).take()]).toEqual(bytes);
    expect(new ByteReader(Uint8Array.from(bytes)).signed()).toBe(n);
  });

  test("64-bit edges come back", () => {
    for (const n of [2n ** 63n - 1n, -(2n ** 63n), 2n ** 62n, -(2n ** 56n) - 1n, 0n]) {
      expect(new ByteReader(new ByteWriter(1).signed64(n).take()).signed64()).toBe(n);
    }
    expect(new ByteWriter().signed64(2n ** 64n - 1n).take()).toEqual(new ByteWriter().signed64(-1n).take());
  });

  test("everything comes back in order, however small the start", () => {
    const w = new ByteWriter(1).byte(7).i32(-5).f32(1.5).f64(0.1).text("é").bytes(Uint8Array.of(1, 2));
    const r = new ByteReader(w.take());
    expect([r.byte(), r.i32(), r.f32(), r.f64()]).toEqual([7, -5, 1.5, 0.1]);
    expect(new TextDecoder().decode(r.bytes(r.unsigned()))).toBe("é");
    expect([r.byte(), r.byte(), r.done]).toEqual([1, 2, true]);
    expect(w.length).toBe(w.view().length);
  });
});

describe("wrong code fails where it is emitted", () => {
  const fn = (results: ValueType[] = []): FunctionBuilder => new FunctionBuilder("kernel", ["i32", "v128"], results);
  const wrong: readonly [name: string, emit: (f: FunctionBuilder) => unknown, message: string][] = [
    ["wrong type", (f) => f.i32(1).f32(1).op("i32.add"), "instruction 3 (i32.add): takes i32, but f32 is on the stack"],
    ["empty stack", (f) => f.i32(1).op("i32.add"), "(i32.add): takes i32, but the stack is empty"],
    ["local of wrong type", (f) => f.i32(1).set(f.param(1)), "(local.set): takes v128, but i32 is on the stack"],
    ["local of another function", (f) => f.get(fn().param(0)), "(local.get): uses a local of kernel"],
    ["no such parameter", (f) => f.param(2), "has no parameter 2"],
    ["operand of the frame around", (f) => f.i32(1).block(() => f.drop()), "(drop): takes a value, but the stack is empty"],
    ["operand left in a block", (f) => f.block(() => f.i32(1)), "(end): leaves 1 operands on the stack: i32"],
    ["operand left in an if", (f) => f.i32(1).if(() => f.f32(1), () => f), "(else): leaves 1 operands on the stack: f32"], // biome-ignore format: one line
    ["if without else gives a value", (f) => f.i32(1).if(() => f.f32(1), undefined, "f32"), "gives f32, but has no otherwise"],
    ["select of two types", (f) => f.i32(1).f32(1).i32(1).select(), "(select): takes f32, but i32 is on the stack"],
    ["branch too far", (f) => f.block(() => f.br(2)), "(br): has no target at depth 2"],
    ["branch without its value", (f) => f.block(() => f.br(0), "i32"), "(br): takes i32, but the stack is empty"],
    ["call with wrong arguments", (f) => f.i32(1).call(fn()), "(call): takes v128, but i32 is on the stack"],
    ["lane out of range", (f) => f.get(f.param(1)).lane("f32x4.extract_lane", 4), "has lane 4 of 4"],
    ["lane in memory out of range", (f) => f.i32(0).get(f.param(1)).memoryLane("v128.load64_lane", 0, 2), "has lane 2 of 2"],
    ["negative offset", (f) => f.i32(0).memory("f32.load", -4), "has offset -4"],
    ["alignment beyond the access", (f) => f.i32(0).memory("f32.load", 0, 8), "has alignment 8"],
    ["no integer", (f) => f.i32(0.5), "is given 0.5, which is no 32-bit integer"],
    ["integer too large", (f) => f.i32(2 ** 32), "which is no 32-bit integer"],
    ["short shuffle", (f) => f.f32x4(0).f32x4(0).shuffle([0, 1]), "takes 16 bytes, got 2"],
    ["result left", (f) => f.i32(1).code(), "(end): leaves 1 operands on the stack: i32"],
    ["result missing", () => fn(["f32"]).code(), "(end): takes f32, but the stack is empty"],
  ];
  test.each(wrong)("%s", (_, emit, message) => {
    expect(() => emit(fn())).toThrow(`function kernel, instruction`);
    expect(() => emit(fn())).toThrow(message);
  });

  test("code after a branch may take what it likes", () => {
    const f = fn(["f32"]);
    f.block(() => f.br(0).op("f32.add").drop())
      .f32(1)
      .ret()
      .op("f32.mul");
    const module = assembleModule({ exports: { f } });
    expect(WebAssembly.validate(module)).toBe(true);
  });
});

function sample(): ModulePlan {
  const mark: ImportedFunction = { module: "host", name: "mark", params: ["i32"], results: [] };
  const calls: Global = { name: "calls", type: "i32", initial: 3 };
  const scale = new FunctionBuilder("scale", ["i32", "i32", "i32"], []);
  const [at, low, high] = [scale.param(0), scale.param(1), scale.param(2)];
  const address = scale.local("i32");
  scale.range(low, high, 4, () => {
    scale.get(at).get(low).i32(2).op("i32.shl").op("i32.add").tee(address).get(address);
    scale.memory("v128.load", 16, 4).f32x4(0.1).op("f32x4.mul").memory("v128.store", 16, 4);
  });
  const run = new FunctionBuilder("run", [], ["i32"]);
  run.i32(0).i32(0).i32(8).call(scale).i32(7).call(mark);
  run.globalGet(calls).i32(1).op("i32.add").globalSet(calls);
  run.times(3, () => run.globalGet(calls).call(mark));
  run.globalGet(calls).if(
    () => run.i32(-1),
    () => run.i32(0).f32x4(Number.NaN).i32x4(1, 2, 3, 4).shuffle([0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27]).memoryLane("v128.store32_lane", 4, 2).i32(0), // biome-ignore format: one line
    "i32",
  );
  return {
    exports: { run, scale },
    memory: { initial: 1, maximum: 1, export: "memory" },
    data: [{ at: 16, bytes: new Uint8Array(Float32Array.of(10, 20, 30, 40, 50).buffer) }],
  };
}

describe("modules", () => {
  test("runs, with imports, globals, data and calls among functions", () => {
    const marks: number[] = [];
    const module = new WebAssembly.Module(assembleModule(sample()));
    const { run, memory } = new WebAssembly.Instance(module, { host: { mark: (n: number) => marks.push(n) } }).exports as {
      run: () => number;
      memory: WebAssembly.Memory;
    };
    expect(run()).toBe(-1);
    expect(marks).toEqual([7, 4, 4, 4]);
    expect([...new Float32Array(memory.buffer, 16, 6)]).toEqual([1, 2, 3, 4, 5, 0]);
  });

  test("the same plan gives the same bytes, and functions can go into several modules", () => {
    const plan = sample();
    expect(assembleModule(plan)).toEqual(assembleModule(plan));
    expect(assembleModule(plan)).toEqual(assembleModule(sample()));
  });

  test("memory is imported, own, shared or absent", () => {
    const nothing = { nothing: new FunctionBuilder("nothing", []) };
    const imported = new WebAssembly.Module(
      assembleModule({ exports: nothing, memory: { initial: 1, maximum: 2, shared: true, import: { module: "env", name: "memory" } } }),
    );
    expect(WebAssembly.Module.imports(imported)).toEqual([{ module: "env", name: "memory", kind: "memory" }]);
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true });
    expect(new WebAssembly.Instance(imported, { env: { memory } }).exports.nothing).toBeTypeOf("function");
    expect(WebAssembly.Module.imports(new WebAssembly.Module(assembleModule({ exports: nothing })))).toEqual([]);
  });

  test("names of functions are kept unless they are not wanted", () => {
    const named = new WebAssembly.Module(assembleModule(sample()));
    expect(WebAssembly.Module.customSections(named, "name")).toHaveLength(1);
    const unnamed = new WebAssembly.Module(assembleModule({ ...sample(), names: false }));
    expect(WebAssembly.Module.customSections(unnamed, "name")).toHaveLength(0);
  });

  test("as text", () => {
    expect(printModule(sample())).toMatchSnapshot();
  });

  test("one function as text", () => {
    const f = new FunctionBuilder("constants", [], ["f32"]);
    f.i64(-5n).op("i32.wrap_i64").drop().f64(0.1).drop().f32(-0).drop().f32(0.1).drop().f32(Infinity);
    expect(
      printFunction(f)
        .split("\n")
        .map((line) => line.trim()),
    ).toEqual(
      ["(func $constants (result f32)", "i64.const -5", "i32.wrap_i64", "drop", "f64.const 0.1", "drop", "f32.const -0", "drop", "f32.const 0.1", "drop", "f32.const inf)"], // biome-ignore format: one line
    );
  });
});
