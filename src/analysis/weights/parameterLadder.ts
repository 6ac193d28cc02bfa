/** What sharing weights saves: one layer's work done by four kinds of layer. */
import { type Shape, showShape, sizeOf } from "../../base/shape.ts";
import { OpError } from "../../ir/op.ts";
import { input, opOf, type Tensor } from "../../ir/tensor.ts";
import type { Conv1d, Conv2d, Conv3d } from "../../nn/layers/conv.ts";
import { type ConvOptions, conv, convOp } from "../../ops/conv.ts";

/** A convolution without its weights. */
export interface LadderWindow extends Pick<ConvOptions, "stride" | "padding" | "dilation"> {
  /** Along each spatial axis. */
  readonly kernel: Shape;
  /** Filters: features of the result. */
  readonly filters: number;
}

/** A layer of a network, or what one would be. */
export type LadderLayer = Conv1d<number, number, number> | Conv2d<number, number, number> | Conv3d<number, number, number> | LadderWindow;

/** One kind of layer. */
export interface LadderRung {
  readonly kind: "fully connected" | "locally connected" | "one shared filter" | "filters";
  /** Units of its output. */
  readonly units: number;
  /** Weights without biases. */
  readonly weights: number;
  /** One for each unit, or for each filter that is shared. */
  readonly biases: number;
  /** Products of an input and a weight that are added up for one input; those with padding count. */
  readonly multiplyAdds: number;
  /** How the weights come about: "32 * 32 * 1 inputs times 28 * 28 outputs = 802816". */
  readonly weightsFormula: string;
  /** How the multiply-adds come about. */
  readonly multiplyAddsFormula: string;
}

/** The four, from the one with the most weights for a feature to the one in use. */
export interface ParameterLadder {
  /** m: numbers of one input. */
  readonly inputs: number;
  /** n: places of one feature map of the output. */
  readonly outputs: number;
  /** k: inputs that a window reads. */
  readonly window: number;
  /** M: filters. */
  readonly filters: number;
  /** Fully connected, locally connected and one shared filter give one feature map of n units; the last gives M of them. */
  readonly rungs: readonly [LadderRung, LadderRung, LadderRung, LadderRung];
  /** O(m n) against O(k n), for one feature map: multiply-adds of the first rung by those of the third. */
  readonly saving: number;
}

const times = (shape: Shape): string => shape.join(" * ");

/**
 * The layer over inputs of `shape` (without the batch: [channels, ...space]) beside what it would be if its units did not share weights, or
 * looked at everything. Biases are counted by themselves: the notes' (k1 k2 + 1) n is weights plus biases.
 *
 *     parameterLadder({ kernel: [5, 5], filters: 6 }, [1, 32, 32]).rungs.map((r) => [r.kind, r.weights + r.biases])
 *
 * A layer's groups make its windows smaller. Throws an OpError if the window does not fit.
 */
export function parameterLadder(layer: LadderLayer, shape: Shape): ParameterLadder {
  const node = traced(layer, shape);
  const [filters, perGroup, ...kernel] = node.inputs[1]!.shape as [number, number, ...number[]];
  const space = node.output.shape.slice(2);
  const [inputs, outputs] = [sizeOf(shape), sizeOf(space)];
  const sizes = [...kernel, perGroup];
  const window = sizeOf(sizes);
  const [m, n, k] = [times([...shape.slice(1), shape[0]!]), times(space), times(sizes)];
  const products = `${k} weights of a window times ${n} places`;
  const bias = (count: number): number => (node.hasBias ? count : 0);
  const rungs = [
    {
      kind: "fully connected",
      units: outputs,
      weights: inputs * outputs,
      biases: bias(outputs),
      multiplyAdds: inputs * outputs,
      weightsFormula: `${m} inputs times ${n} outputs = ${inputs * outputs}`,
      multiplyAddsFormula: `one for each weight = ${inputs * outputs}`,
    },
    {
      kind: "locally connected",
      units: outputs,
      weights: window * outputs,
      biases: bias(outputs),
      multiplyAdds: window * outputs,
      weightsFormula: `${k} in a window of its own for each of ${n} outputs = ${window * outputs}`,
      multiplyAddsFormula: `one for each weight = ${window * outputs}`,
    },
    {
      kind: "one shared filter",
      units: outputs,
      weights: window,
      biases: bias(1),
      multiplyAdds: window * outputs,
      weightsFormula: `${k} in the one window of all outputs = ${window}`,
      multiplyAddsFormula: `${products} = ${window * outputs}`,
    },
    {
      kind: "filters",
      units: outputs * filters,
      weights: window * filters,
      biases: bias(filters),
      multiplyAdds: window * outputs * filters,
      weightsFormula: `${k} in the window of each of ${filters} filters = ${window * filters}`,
      multiplyAddsFormula: `${products} times ${filters} filters = ${window * outputs * filters}`,
    },
  ] as const;
  return { inputs, outputs, window, filters, rungs, saving: inputs / window };
}

/** The convolution that the layer makes of such inputs. */
function traced(
  layer: LadderLayer,
  shape: Shape,
): { readonly inputs: readonly Tensor[]; readonly output: Tensor; readonly hasBias: boolean } {
  const x = input("x", [1, ...shape]);
  if (!("weight" in layer)) {
    const { kernel, filters } = layer;
    if (!Number.isInteger(filters) || filters < 1) {
      throw new OpError("parameterLadder", `filters must be a whole number of at least 1, got ${filters}`);
    }
    if (kernel.length !== shape.length - 1) {
      throw new OpError("parameterLadder", `kernel ${showShape(kernel)} must have one size for each spatial axis of ${showShape(shape)}`);
    }
    const w = input("w", [filters, shape[0]!, ...kernel]);
    return { inputs: [x, w], output: conv(x, w, undefined, layer), hasBias: true };
  }
  let node = opOf(layer.forward(x as never));
  while (node && (node.op as unknown) !== convOp) node = node.inputs[0] && opOf(node.inputs[0]);
  if (!node) throw new OpError("parameterLadder", "takes a convolution layer");
  return { inputs: node.inputs, output: node.output, hasBias: layer.bias !== undefined };
}
