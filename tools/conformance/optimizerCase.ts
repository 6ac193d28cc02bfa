import { type Backend, compile, type NdArray, Parameter } from "../../src/index.ts";
import { Adagrad, Adam, AdamW, type Optimizer, RMSprop, SGD } from "../../src/optim/index.ts";
import { CaseReader } from "./caseReader.ts";
import type { GoldenCase, Tensors } from "./manifest.ts";
import { Unsupported } from "./status.ts";

/** The optimizer of a case; PyTorch's defaults are the library's own, so only what is said is passed on. */
const OPTIMIZERS: Readonly<Record<string, (c: CaseReader) => Optimizer>> = {
  SGD: (c) =>
    new SGD({
      lr: c.number("lr"),
      ...said("momentum", c.attr("momentum")),
      ...said("dampening", c.attr("dampening")),
      ...said("nesterov", c.attr("nesterov")),
      ...said("weightDecay", c.attr("weight_decay")),
      ...said("maximize", c.attr("maximize")),
    }),
  Adam: (c) => new Adam(adamOptions(c)),
  AdamW: (c) => new AdamW(adamOptions(c)),
  RMSprop: (c) =>
    new RMSprop({
      ...said("lr", c.attr("lr")),
      ...said("alpha", c.attr("alpha")),
      ...said("eps", c.attr("eps")),
      ...said("weightDecay", c.attr("weight_decay")),
      ...said("momentum", c.attr("momentum")),
      ...said("centered", c.attr("centered")),
      ...said("maximize", c.attr("maximize")),
    }),
  Adagrad: (c) =>
    new Adagrad({
      ...said("lr", c.attr("lr")),
      ...said("lrDecay", c.attr("lr_decay")),
      ...said("weightDecay", c.attr("weight_decay")),
      ...said("initialAccumulatorValue", c.attr("initial_accumulator_value")),
      ...said("eps", c.attr("eps")),
      ...said("maximize", c.attr("maximize")),
    }),
};

const adamOptions = (c: CaseReader): ConstructorParameters<typeof Adam>[0] & {} => ({
  ...said("lr", c.attr("lr")),
  ...said("betas", c.attr("betas")),
  ...said("eps", c.attr("eps")),
  ...said("weightDecay", c.attr("weight_decay")),
  ...said("amsgrad", c.attr("amsgrad")),
  ...said("maximize", c.attr("maximize")),
});

/** `{ [name]: value }` unless the case does not say it. */
const said = (name: string, value: unknown): object => (value === undefined ? {} : { [name]: value });

/** Inputs p0, p1 (start) and g{step}_{i}; outputs p{i}_{step}. One program; a run is a step. */
export async function runOptimizer(c: GoldenCase, backend: Backend): Promise<Tensors> {
  const reader = new CaseReader(c.attrs, {}, c.inputs);
  const type = String(reader.attr("optimizer"));
  const make = OPTIMIZERS[type];
  if (!make) throw new Unsupported(`${type} does not exist yet`);
  const optimizer = make(reader);
  const steps = reader.number("steps");
  reader.finish();

  const starts = Object.entries(c.inputs).filter(([name]) => /^p\d+$/.test(name));
  const parameters = starts.map(([name, value]) => {
    const p = new Parameter(value.shape, undefined, name);
    p.write(value);
    return p;
  });
  const specs = Object.fromEntries([["lr", []], ...starts.map(([, value], i): [string, readonly number[]] => [`g${i}`, value.shape])]);
  const program = await compile(backend, specs, (inputs) => {
    const gradients = parameters.map((_, i) => inputs[`g${i}`]!);
    optimizer.step(parameters, gradients, inputs.lr!);
    return {};
  });
  const outputs: Record<string, NdArray> = {};
  for (let step = 1; step <= steps; step++) {
    const gradients = parameters.map((_, i): [string, NdArray] => [`g${i}`, c.inputs[`g${step}_${i}`]!]);
    await program.run({ lr: optimizer.lr, ...Object.fromEntries(gradients) });
    parameters.forEach((p, i) => {
      outputs[`p${i}_${step}`] = p.read();
    });
  }
  await program.close();
  return outputs;
}
