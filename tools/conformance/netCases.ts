/** Golden networks: forward, gradients and three steps of SGD on one batch. */
import { assign, type Backend, compile, f32, grad, type NdArray, type State, type Tensor } from "../../src/index.ts";
import { withAuxiliaries, withTrace } from "../../src/ir/trace.ts";
import { lenet5Tanh, resnet20, resnet32, resnet44, resnet56, resnet110 } from "../../src/models/index.ts";
import type { Module } from "../../src/nn/index.ts";
import { add, crossEntropy, mul } from "../../src/ops/index.ts";
import { SGD } from "../../src/optim/index.ts";
import { type Bound, difference } from "./compare.ts";
import type { Tensors } from "./manifest.ts";
import type { GoldenNet, NetConfig } from "./nets/goldenNet.ts";
import { miniInception } from "./nets/miniInception.ts";
import { Unsupported } from "./status.ts";

/** What the JSON file beside the tensors says. */
export interface NetInfo extends NetConfig {
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
  /** Names of the parameters, in PyTorch's order. */
  readonly order: { readonly parameters: readonly string[] };
  readonly probes_train_first_forward: Readonly<Record<string, Probe>>;
}

interface Probe {
  readonly shape: readonly number[];
  readonly sum: number;
  readonly abs_sum: number;
  readonly first: readonly number[];
}

/** The residual networks by name; the golden ones have projections around blocks that change the shape. */
const residual = { resnet20, resnet32, resnet44, resnet56, resnet110 };
const isResidual = (net: string): net is keyof typeof residual => Object.hasOwn(residual, net);

/** The golden network of this name, or why there is none. */
function networkOf(info: NetInfo): GoldenNet {
  if (info.net === "lenet5") return lenet5Tanh({ channels: info.input_shape[1], classes: info.classes }) as unknown as GoldenNet;
  if (info.net === "mini_inception") return miniInception(info);
  if (isResidual(info.net)) {
    const { eps, momentum } = info.bn;
    if (eps !== 1e-5 || momentum !== 0.1)
      throw new Unsupported(`batch normalisation with eps ${eps} and momentum ${momentum} is not supported yet`);
    const options = { channels: info.input_shape[1], classes: info.classes, width: info.config.w ?? 16, shortcut: "projection" } as const;
    return residual[info.net](options) as unknown as GoldenNet;
  }
  throw new Unsupported("this network is not known yet");
}

/** What a loss as the JSON files write it says. */
interface LossInfo {
  readonly labelSmoothing: number;
  /** How much the loss of the auxiliary head counts. */
  readonly aux: number;
}

function lossOf({ loss }: NetInfo): LossInfo {
  const known = /^cross_entropy\(mean(?:, label_smoothing=([\d.]+))?\)(?: \+ ([\d.]+) \* cross_entropy\(aux\))?$/.exec(loss);
  if (!known) throw new Unsupported(`the loss ${loss} is not supported yet`);
  return { labelSmoothing: Number(known[1] ?? 0), aux: Number(known[2] ?? 0) };
}

/** The tolerance of networks, in words. */
export const NET_BOUND = "by direct sums, within max(4 x PyTorch's own f32 error (f32_relerr), 2e-6) of each tensor's largest element";

/**
 * Runs one network and throws where it differs from PyTorch. With a bound, only the first step: later ones amplify every difference, a
 * ReLU that opens in one and not in the other at the latest.
 */
export async function runNet(info: NetInfo, tensors: Tensors, backend: Backend, relative?: number): Promise<void> {
  const bound: Bound | undefined = relative === undefined ? undefined : { absolute: 0, relative };
  lossOf(info);
  if (info.optimizer.name !== "SGD") throw new Unsupported(`${info.optimizer.name} is not supported in networks yet`);
  const network = networkOf(info);
  network.loadStateDict(new Map(under(tensors, "state0/")));

  const wrong: string[] = [];
  const check = (what: string, actual: NdArray | undefined, expected: NdArray, kind: keyof NetInfo["f32_relerr"] = "grads"): void => {
    const found = difference(what, actual, expected, bound ?? boundOf(info, kind));
    if (found) wrong.push(found);
  };
  const names = headsLast(network.parameters().map((p) => p.name));
  const expectedNames = headsLast(info.order.parameters);
  if (`${names}` !== `${expectedNames}`) wrong.push(`parameters must be ${expectedNames}, got ${names}`);
  const x = tensors["batch/x"]!;
  const evaluation = await compile(backend, { x: x.shape }, (inputs) => network.forward(inputs.x));
  check("eval/logits0", (await evaluation.run({ x })).output, tensors["eval/logits0"]!);

  const { step, close } = await trainingStep(info, tensors, network, backend);
  for (const [i, expected] of info.losses.slice(0, bound === undefined ? info.losses.length : 1).entries()) {
    const results = await step();
    check(`loss of step ${i}`, results.loss, f32([], [expected]));
    if (i > 0) continue;
    check("out/logits", results.logits, tensors["out/logits"]!);
    if (tensors["out/aux_logits"]) check("out/aux_logits", results.auxLogits, tensors["out/aux_logits"]);
    for (const [name, expected] of under(tensors, "grad/")) check(`grad/${name}`, results[`grad/${name}`], expected);
    for (const [path, probe] of Object.entries(info.probes_train_first_forward)) {
      const found = probed(path, results[`probe/${path}`], probe, bound ?? boundOf(info, "grads"));
      if (found) wrong.push(found);
    }
  }
  if (bound === undefined) {
    const state = await network.stateDict();
    for (const [name, expected] of under(tensors, "state3/")) check(`state3/${name}`, state.get(name), expected, "state3");
    check("eval/logits3", (await evaluation.run({ x })).output, tensors["eval/logits3"]!);
  }
  await close();
  await evaluation.close();
  if (wrong.length > 0) throw new Error(wrong.join("; "));
}

/** Names in order, but for auxiliary heads: ours stand where they are used, torchvision's behind the layers that do not need them. */
const headsLast = (names: readonly string[]): readonly string[] => {
  const ofHead = (name: string): boolean => name.startsWith("aux");
  return [...names.filter((name) => !ofHead(name)), ...names.filter(ofHead)];
};

const boundOf = (info: NetInfo, kind: keyof NetInfo["f32_relerr"]): Bound => ({
  absolute: 0,
  relative: Math.max(4 * info.f32_relerr[kind], 2e-6),
});

const under = (tensors: Tensors, prefix: string): [string, NdArray][] =>
  Object.entries(tensors).flatMap(([name, t]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), t]] : []));

interface Training {
  readonly step: () => Promise<Readonly<Record<string, NdArray>>>;
  readonly close: () => Promise<void>;
}

/** One step of the golden optimizer on the golden batch: the loss, the logits, all gradients and every module's output. */
async function trainingStep(info: NetInfo, tensors: Tensors, network: GoldenNet, backend: Backend): Promise<Training> {
  const [x, target] = [tensors["batch/x"]!, tensors["batch/target"]!];
  const { labelSmoothing, aux } = lossOf(info);
  const { lr, momentum, weight_decay: weightDecay, nesterov } = info.optimizer;
  const optimizer = new SGD({ lr, momentum, weightDecay, nesterov });
  const program = await compile(
    backend,
    { x: x.shape, target: { shape: target.shape, dtype: "i32" }, lr: [] },
    (inputs) => {
      const {
        result: { result: logits, outputs },
        auxiliaries: [head],
      } = withAuxiliaries(() => withOutputs(network, () => network.forward(inputs.x)));
      const main = crossEntropy(logits, inputs.target, { labelSmoothing });
      const loss = head ? add(main, mul(crossEntropy(head.output, inputs.target), aux)) : main;
      const parameters = network.parameters();
      const gradients = grad(
        loss,
        parameters.map((p) => p.tensor),
      );
      optimizer.step(parameters, gradients, inputs.lr);
      const named = parameters.map((p, i): [string, Tensor] => [`grad/${p.name}`, gradients[i]!]);
      return { loss, logits, ...(head ? { auxLogits: head.output } : {}), ...Object.fromEntries(named), ...outputs } as Readonly<
        Record<string, Tensor>
      >;
    },
    { mode: "train" },
  );
  return { step: () => program.run({ x, target, lr }), close: () => program.close() };
}

/** What `forward` gives, and the first output of each module of `network` on the way, as PyTorch's hooks saw them. */
function withOutputs<T>(network: Module, forward: () => T): { readonly result: T; readonly outputs: Readonly<Record<string, Tensor>> } {
  const outputs: Record<string, Tensor> = {};
  const updates = new Map<State, Tensor>();
  const modules = network.namedModules();
  const onModule = (path: string, module: object, output: Tensor): void => {
    // A child without a name bears its parent's, and is no module of PyTorch's.
    if (modules.get(path) === module) outputs[`probe/${path}`] ??= output;
  };
  const result = withTrace({ mode: "train", updates, onModule }, forward);
  for (const [state, value] of updates) assign(state, value);
  return { result, outputs };
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
