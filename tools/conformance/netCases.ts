/** Golden networks: forward, gradients and three steps of SGD on one batch. */
import { type Backend, compile, f32, grad, type NdArray, type Tensor } from "../../src/index.ts";
import { reachable } from "../../src/ir/graph.ts";
import { lenet5Tanh } from "../../src/models/index.ts";
import type { Network } from "../../src/nn/index.ts";
import { crossEntropy } from "../../src/ops/index.ts";
import { SGD } from "../../src/optim/index.ts";
import { type Bound, difference } from "./compare.ts";
import type { Tensors } from "./manifest.ts";
import { Unsupported } from "./status.ts";

/** What the JSON file beside the tensors says. */
export interface NetInfo {
  readonly net: string;
  readonly loss: string;
  readonly losses: readonly number[];
  readonly optimizer: {
    readonly name: string;
    readonly lr: number;
    readonly momentum: number;
    readonly weight_decay: number;
    readonly nesterov: boolean;
  };
  /** PyTorch's own f32 against f64, relative to the largest element. */
  readonly f32_relerr: { readonly grads: number; readonly state3: number };
  readonly probes_train_first_forward: Readonly<Record<string, Probe>>;
}

interface Probe {
  readonly shape: readonly number[];
  readonly sum: number;
  readonly abs_sum: number;
  readonly first: readonly number[];
}

const NETS: Readonly<Record<string, (() => Network<[number, number, number], [number]>) | string>> = {
  lenet5: () => lenet5Tanh(),
  mini_inception: "this network does not exist yet: it needs batch normalisation and pools that round up",
  resnet20: "this network does not exist yet: it needs batch normalisation and label smoothing",
};

/** The tolerance of networks, in words. */
export const NET_BOUND = "within max(4 x PyTorch's own f32 error (f32_relerr), 2e-6) of each tensor's largest element";

/** Runs one network and throws where it differs from PyTorch. */
export async function runNet(info: NetInfo, tensors: Tensors, backend: Backend): Promise<void> {
  const make = NETS[info.net] ?? "this network is not known yet";
  if (typeof make === "string") throw new Unsupported(make);
  if (info.loss !== "cross_entropy(mean)") throw new Unsupported(`the loss ${info.loss} is not supported yet`);
  if (info.optimizer.name !== "SGD") throw new Unsupported(`${info.optimizer.name} is not supported in networks yet`);
  const network = make();
  network.loadStateDict(new Map(under(tensors, "state0/")));

  const wrong: string[] = [];
  const check = (what: string, actual: NdArray | undefined, expected: NdArray, kind: keyof NetInfo["f32_relerr"] = "grads"): void => {
    const found = difference(what, actual, expected, boundOf(info, kind));
    if (found) wrong.push(found);
  };
  const x = tensors["batch/x"]!;
  const evaluation = await compile(backend, { x: x.shape }, (inputs) => network.forward(inputs.x as never));
  check("eval/logits0", (await evaluation.run({ x })).output, tensors["eval/logits0"]!);

  const step = await trainingStep(info, tensors, network, backend);
  for (const [i, expected] of info.losses.entries()) {
    const results = await step();
    check(`loss of step ${i}`, results.loss, f32([], [expected]));
    if (i > 0) continue;
    check("out/logits", results.logits, tensors["out/logits"]!);
    for (const [name, expected] of under(tensors, "grad/")) check(`grad/${name}`, results[`grad/${name}`], expected);
    for (const [path, probe] of Object.entries(info.probes_train_first_forward)) {
      const found = probed(path, results[`probe/${path}`], probe, boundOf(info, "grads"));
      if (found) wrong.push(found);
    }
  }
  const state = await network.stateDict();
  for (const [name, expected] of under(tensors, "state3/")) check(`state3/${name}`, state.get(name), expected, "state3");
  check("eval/logits3", (await evaluation.run({ x })).output, tensors["eval/logits3"]!);
  if (wrong.length > 0) throw new Error(wrong.join("; "));
}

const boundOf = (info: NetInfo, kind: keyof NetInfo["f32_relerr"]): Bound => ({
  absolute: 0,
  relative: Math.max(4 * info.f32_relerr[kind], 2e-6),
});

const under = (tensors: Tensors, prefix: string): [string, NdArray][] =>
  Object.entries(tensors).flatMap(([name, t]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), t]] : []));

type Step = () => Promise<Readonly<Record<string, NdArray>>>;

/** One step of the golden optimizer on the golden batch: the loss, the logits, all gradients and every module's output. */
async function trainingStep(
  info: NetInfo,
  tensors: Tensors,
  network: Network<[number, number, number], [number]>,
  backend: Backend,
): Promise<Step> {
  const [x, target] = [tensors["batch/x"]!, tensors["batch/target"]!];
  const { lr, momentum, weight_decay: weightDecay, nesterov } = info.optimizer;
  const optimizer = new SGD({ lr, momentum, weightDecay, nesterov });
  const program = await compile(
    backend,
    { x: x.shape, target: { shape: target.shape, dtype: "i32" }, lr: [] },
    (inputs) => {
      const logits = network.forward(inputs.x as never);
      const loss = crossEntropy(logits, inputs.target);
      const parameters = network.parameters();
      const gradients = grad(
        loss,
        parameters.map((p) => p.tensor),
      );
      optimizer.step(parameters, gradients, inputs.lr);
      const named = parameters.map((p, i): [string, Tensor] => [`grad/${p.name}`, gradients[i]!]);
      return { loss, logits, ...Object.fromEntries(named), ...moduleOutputs(logits) } as Readonly<Record<string, Tensor>>;
    },
    { mode: "train" },
  );
  return () => program.run({ x, target, lr });
}

/** The last tensor that each module made, by its path: its output. */
function moduleOutputs(logits: Tensor): Readonly<Record<string, Tensor>> {
  return Object.fromEntries(
    reachable([logits])
      .filter((t) => t.path !== "")
      .map((t) => [`probe/${t.path}`, t]),
  );
}

function probed(path: string, output: NdArray | undefined, probe: Probe, { relative }: Bound): string | undefined {
  if (!output) return `${path}: no module gives this output`;
  const values = Array.from(output.data);
  const absSum = values.reduce((a, b) => a + Math.abs(b), 0);
  const largest = Math.max(...values.map(Math.abs));
  const pairs = [
    ["sum", values.reduce((a, b) => a + b, 0), probe.sum, absSum] as const,
    ["sum of magnitudes", absSum, probe.abs_sum, absSum] as const,
    ...probe.first.map((t, i) => [`element ${i}`, values[i]!, t, largest] as const),
  ];
  const wrong = pairs.find(([, actual, expected, scale]) => !(Math.abs(actual - expected) <= relative * scale));
  if (`${output.shape}` !== `${probe.shape}`) return `${path}: output must be [${probe.shape}], got [${output.shape}]`;
  return wrong && `${path}: ${wrong[0]} must be ${wrong[2]}, got ${wrong[1]}`;
}
