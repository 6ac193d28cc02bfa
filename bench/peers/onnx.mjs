/**
 * Writes ONNX models: as much of the format (onnx.proto3, opset 13) as single layers, LeNet-5 and ResNet-18 need. Weights are random
 * and small.
 */
import { NETWORKS, sizeOf, uniform } from "./peers/networks.mjs";

// ---- Protocol buffers: a message is a list of fields, each a number with a type, and its bytes --------------------------------------

const encoder = new TextEncoder();

function varint(n) {
  const bytes = [];
  for (; n > 127; n = Math.floor(n / 128)) bytes.push((n % 128) + 128);
  return Uint8Array.from([...bytes, n]);
}

const whole = (field, n) => [varint(field * 8), varint(n)];
/** A field of known length: text, bytes, or a message (the parts of its fields). */
function sized(field, value) {
  const parts = typeof value === "string" ? [encoder.encode(value)] : value instanceof Uint8Array ? [value] : value.flat(Infinity);
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return [varint(field * 8 + 2), varint(length), ...parts];
}

// ---- ONNX: the fields' numbers are those of onnx.proto3 -----------------------------------------------------------------------------

const FLOAT = 1;
const [ATTRIBUTE_INT, ATTRIBUTE_INTS] = [2, 7];

const attribute = (name, value) =>
  Array.isArray(value)
    ? [sized(1, name), value.map((n) => whole(8, n)), whole(20, ATTRIBUTE_INTS)]
    : [sized(1, name), whole(3, value), whole(20, ATTRIBUTE_INT)];

const node = (op, inputs, output, attributes = {}) => [
  inputs.map((name) => sized(1, name)),
  sized(2, output),
  sized(4, op),
  Object.entries(attributes).map(([name, value]) => sized(5, attribute(name, value))),
];

const tensor = (name, shape, data) => [
  shape.map((extent) => whole(1, extent)),
  whole(2, FLOAT),
  sized(8, name),
  sized(9, new Uint8Array(data.buffer)),
];

/** The name and the shape of an input or output. */
const valueInfo = (name, shape) => {
  const dims = shape.map((extent) => sized(1, whole(1, extent)));
  return [sized(1, name), sized(2, sized(1, [whole(1, FLOAT), sized(2, dims)]))];
};

/** A graph under construction; each method adds a node and gives the name of its result. */
class Model {
  #nodes = [];
  #weights = [];

  op(kind, inputs, attributes) {
    const result = `t${this.#nodes.length}`;
    this.#nodes.push(sized(1, node(kind, inputs, result, attributes)));
    return result;
  }

  weight(...shape) {
    const name = `w${this.#weights.length}`;
    const fanIn = shape.length > 1 ? sizeOf(shape.slice(1)) : 100;
    this.#weights.push(sized(5, tensor(name, shape, uniform(sizeOf(shape), 1 / Math.sqrt(fanIn)))));
    return name;
  }

  /** From c channels to o. */
  conv(x, c, o, k, stride = 1, padding = k >> 1, groups = 1) {
    const inputs = [x, this.weight(o, c / groups, k, k), this.weight(o)];
    return this.op("Conv", inputs, { kernel_shape: [k, k], strides: [stride, stride], pads: square(padding), group: groups });
  }

  pool(kind, x, k, stride, padding = 0) {
    return this.op(kind, [x], { kernel_shape: [k, k], strides: [stride, stride], pads: square(padding) });
  }

  dense(x, from, to) {
    return this.op("Gemm", [x, this.weight(to, from), this.weight(to)], { transB: 1 });
  }

  relu(x) {
    return this.op("Relu", [x]);
  }

  /** The model's bytes: input "x", output "y". */
  bytes(y, from, to) {
    const last = sized(1, node("Identity", [y], "y"));
    const ends = [sized(11, valueInfo("x", from)), sized(12, valueInfo("y", to))];
    const graph = [...this.#nodes, last, sized(2, "graph"), this.#weights, ends];
    const irVersion = 8;
    const opset = 13;
    return Buffer.concat([whole(1, irVersion), sized(7, graph), sized(8, [sized(1, ""), whole(2, opset)])].flat(Infinity));
  }
}

const square = (padding) => [padding, padding, padding, padding];

const BUILDERS = {
  lenet5(m) {
    const maps1 = m.pool("MaxPool", m.relu(m.conv("x", 1, 6, 5)), 2, 2);
    const maps2 = m.pool("MaxPool", m.relu(m.conv(maps1, 6, 16, 5, 1, 0)), 2, 2);
    return m.dense(m.relu(m.dense(m.relu(m.dense(m.op("Flatten", [maps2]), 400, 120)), 120, 84)), 84, 10);
  },
  resnet18(m) {
    let x = m.pool("MaxPool", m.relu(m.conv("x", 3, 64, 7, 2)), 3, 2, 1);
    for (const { from, to, stride } of NETWORKS.resnet18.blocks) {
      const body = m.conv(m.relu(m.conv(x, from, to, 3, stride)), to, to, 3);
      const around = stride === 1 && from === to ? x : m.conv(x, from, to, 1, stride);
      x = m.relu(m.op("Add", [body, around]));
    }
    return m.dense(m.op("Flatten", [m.op("GlobalAveragePool", [x])]), 512, 1000);
  },
};

const outputOf = (h, k, s, p) => Math.floor((h + 2 * p - k) / s) + 1;

/** A convolution with bias, as a model of its own. */
export function convModel({ n, c, h, o, k, s, p, g }) {
  const m = new Model();
  const extent = outputOf(h, k, s, p);
  return m.bytes(m.conv("x", c, o, k, s, p, g), [n, c, h, h], [n, o, extent, extent]);
}

export function poolModel({ kind, n, c, h, k, s, p }) {
  const m = new Model();
  const extent = outputOf(h, k, s, p);
  const y = kind === "gap" ? m.op("GlobalAveragePool", ["x"]) : m.pool(kind === "max" ? "MaxPool" : "AveragePool", "x", k, s, p);
  return m.bytes(y, [n, c, h, h], [n, c, extent, extent]);
}

/** "lenet5" or "resnet18" for n images. */
export function networkModel({ model, n }) {
  const m = new Model();
  const { image, classes } = NETWORKS[model];
  return m.bytes(BUILDERS[model](m), [n, ...image], [n, classes]);
}
