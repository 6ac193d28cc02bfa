import { readFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FormatError } from "../../src/base/formatError.ts";
import { f32, i32, NdArray } from "../../src/base/ndarray.ts";
import { sizeOf } from "../../src/base/shape.ts";
import { fromSafetensors, type SafetensorsFault, toSafetensors } from "../../src/interop/index.ts";
import { sharedFolder } from "../sharedFolder.ts";

/** A file with this header text and `data` after it. */
function file(header: string | Uint8Array, data: number | Uint8Array = 0, length?: bigint): Uint8Array {
  const json = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const body = typeof data === "number" ? new Uint8Array(data) : data;
  const bytes = new Uint8Array(8 + json.length + body.length);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(body, 8 + json.length);
  return bytes;
}
const entry = (dtype: string, shape: readonly number[], begin: number, end: number) =>
  JSON.stringify({ dtype, shape, data_offsets: [begin, end] });

const headerOf = (bytes: Uint8Array) => {
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  return { length, text: new TextDecoder().decode(bytes.subarray(8, 8 + length)) };
};

test("the exact bytes of a small file", () => {
  const bytes = toSafetensors({ b: new NdArray("u8", [3], Uint8Array.of(7, 8, 9)), a: f32([], [1.5]) });
  const { length, text } = headerOf(bytes);
  expect(text.trimEnd()).toBe('{"b":{"dtype":"U8","shape":[3],"data_offsets":[4,7]},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}');
  expect(length % 8).toBe(0);
  expect([...bytes.subarray(8 + length)]).toEqual([0, 0, 0xc0, 0x3f, 7, 8, 9]);
});

test("names keep their order, numbers among them too; metadata comes along", () => {
  const names = ["layer.weight", "10", "2", "layer.bias", "__proto__", 'quote"\\\n', "é"];
  const tensors = new Map(names.map((name, k) => [name, i32([1], [k])] as const));
  const bytes = toSafetensors(tensors, { format: "pt", "2": "two" });
  const read = fromSafetensors(bytes);
  expect([...read.tensors.keys()]).toEqual(names);
  expect([...read.tensors.values()].map((array) => array.item())).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(read.metadata).toEqual({ format: "pt", "2": "two" });
  expect(toSafetensors(read.tensors, read.metadata)).toEqual(bytes);
  expect(() => toSafetensors({ __metadata__: i32([], [1]) })).toThrow('safetensors: a tensor must not be called "__metadata__".');
});

test("what was written is read back, from any offset in a buffer", () => {
  const array = fc
    .record({
      dtype: fc.constantFrom("f32", "i32", "u8"),
      shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }),
      seed: fc.nat(),
    })
    .map(({ dtype, shape, seed }) => {
      const values = Array.from({ length: sizeOf(shape) }, (_, i) =>
        dtype === "u8" ? (seed + i) & 255 : Math.fround((seed + i) * (dtype === "i32" ? -1 : 0.37)) | 0,
      );
      const made = new NdArray(dtype, shape);
      made.data.set(values);
      return made;
    });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string(), array), { maxLength: 8 }), fc.integer({ min: 0, max: 7 }), (pairs, shift) => {
      const tensors = new Map(pairs.filter(([name]) => name !== "__metadata__"));
      const bytes = toSafetensors(tensors);
      const moved = new Uint8Array(bytes.length + shift);
      moved.set(bytes, shift);
      const read = fromSafetensors(moved.subarray(shift)).tensors;
      expect([...read]).toEqual([...tensors]);
    }),
  );
});

test("other element types are converted by the stated rules", () => {
  const read = (dtype: string, bytes: readonly number[], count = 1) => {
    const { tensors } = fromSafetensors(file(`{"x":${entry(dtype, [count], 0, bytes.length)}}`, Uint8Array.from(bytes)));
    const { dtype: own, data } = tensors.get("x")!;
    return [own, ...data];
  };
  expect(read("F16", [0x00, 0x3c, 0x00, 0xc0, 0xff, 0x7b, 0x01, 0x00, 0x00, 0x7c, 0x01, 0x7e, 0x00, 0x80, 0xff, 0x83], 8)).toEqual([
    "f32",
    1,
    -2,
    65504,
    2 ** -24,
    Number.POSITIVE_INFINITY,
    Number.NaN,
    -0,
    -1023 * 2 ** -24,
  ]);
  expect(read("BF16", [0x80, 0x3f, 0x49, 0xc0], 2)).toEqual(["f32", 1, -3.140625]);
  const f64 = new Uint8Array(new Float64Array([0.1, 1e300]).buffer);
  expect(read("F64", [...f64], 2)).toEqual(["f32", Math.fround(0.1), Number.POSITIVE_INFINITY]);
  expect(read("I64", [...new Uint8Array(new BigInt64Array([-5n, 2147483647n]).buffer)], 2)).toEqual(["i32", -5, 2147483647]);
  expect(read("BOOL", [0, 1, 2], 3)).toEqual(["u8", 0, 1, 1]);
});

describe("hostile files", () => {
  const deep = "[".repeat(200_000);
  const cases: [string, Uint8Array, SafetensorsFault, string][] = [
    ["nothing", new Uint8Array(0), "truncated", "a file needs at least 8 bytes, got 0. Fetch it again."],
    [
      "header longer than the file",
      file("{}", 0, 3n),
      "headerLength",
      "header length must be at most 2, got 3. This is no safetensors file, or it is cut short.",
    ],
    ["enormous header", file("{}", 0, 2n ** 63n), "headerLength", "got 9223372036854775808"],
    ["not UTF-8", file(Uint8Array.of(0x7b, 0xff, 0x7d)), "header", "header must be JSON in UTF-8"],
    ["not JSON", file("{'a':1}"), "header", "header must be JSON in UTF-8, got SyntaxError"],
    ["empty header", file(""), "header", "header must be JSON in UTF-8"],
    ["an array", file("[]"), "header", "header must be a JSON object, got []. This is no safetensors file."],
    ["a space before", file(" {}"), "header", "header must be a JSON object"],
    ["null", file("null"), "header", "header must be a JSON object, got null"],
    ["deep nesting", file(`{"a":${deep}`), "header", "header must be JSON in UTF-8"],
    [
      "a name twice",
      file(`{"a":${entry("U8", [1], 0, 1)},"a":${entry("U8", [1], 1, 2)}}`, 2),
      "duplicate",
      'each name must occur once, got "a" twice.',
    ],
    [
      "a name twice, escaped",
      file(`{"a":${entry("U8", [1], 0, 1)},"\\u0061" :${entry("U8", [1], 1, 2)}}`, 2),
      "duplicate",
      'got "a" twice',
    ],
    ["a field twice", file('{"a":{"dtype":"U8","dtype":"F32","shape":[],"data_offsets":[0,1]}}', 1), "duplicate", 'got "dtype" twice'],
    [
      "no object",
      file('{"a":3}'),
      "entry",
      "a: entry must be {dtype, shape, data_offsets: [begin, end]} with sizes of zero or more, got 3.",
    ],
    ["field missing", file('{"a":{"dtype":"U8","shape":[1]}}'), "entry", 'got {"dtype":"U8","shape":[1]}'],
    ["negative size", file(`{"a":${entry("U8", [-1], 0, 1)}}`, 1), "entry", "sizes of zero or more"],
    ["fractional size", file(`{"a":${entry("U8", [0.5], 0, 1)}}`, 1), "entry", "sizes of zero or more"],
    ["size beyond 2^53", file(`{"a":${entry("U8", [2 ** 53], 0, 1)}}`, 1), "entry", "sizes of zero or more"],
    ["negative offset", file(`{"a":${entry("U8", [1], -1, 0)}}`, 1), "entry", "sizes of zero or more"],
    ["three offsets", file('{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,2]}}', 1), "entry", "entry must be"],
    ["shape no array", file('{"a":{"dtype":"U8","shape":1,"data_offsets":[0,1]}}', 1), "entry", "entry must be"],
    ["metadata not texts", file('{"__metadata__":{"a":1}}'), "metadata", '__metadata__ must map names to texts, got {"a":1}. Write it so.'],
    ["metadata a list", file('{"__metadata__":["a"]}'), "metadata", "__metadata__ must map names to texts"],
    [
      "unknown type",
      file(`{"a":${entry("F8_E4M3", [1], 0, 1)}}`, 1),
      "dtype",
      "a: dtype must be one of F32, F64, F16, BF16, I32, I64, U8, BOOL, got F8_E4M3. Convert it before.",
    ],
    ["a type called constructor", file(`{"a":${entry("constructor", [1], 0, 1)}}`, 1), "dtype", "got constructor"],
    [
      "shape and offsets disagree",
      file(`{"a":${entry("F32", [2], 0, 4)}}`, 4),
      "size",
      "a: F32 of shape [2] needs 8 bytes, got offsets 0 to 4.",
    ],
    ["end before begin", file(`{"a":${entry("U8", [0], 4, 0)}}`, 4), "size", "a: U8 of shape [0] needs 0 bytes, got offsets 4 to 0."],
    [
      "sizes that overflow",
      file(`{"a":${entry("U8", [2 ** 40, 2 ** 40, 0], 0, 1)}}`, 1),
      "size",
      "a: U8 of shape [1099511627776, 1099511627776, 0] needs 0 bytes, got offsets 0 to 1.",
    ],
    [
      "an impossible amount",
      file(`{"a":${entry("U8", [2 ** 52], 0, 2 ** 52)}}`, 1),
      "truncated",
      "a: array ends at byte 4503599627370496 of the data, got 1 bytes. Fetch the file again.",
    ],
    ["cut short", toSafetensors({ a: f32([2], [1, 2]) }).subarray(0, -1), "truncated", "a: array ends at byte 8 of the data, got 7 bytes."],
    [
      "overlap",
      file(`{"a":${entry("U8", [2], 0, 2)},"b":${entry("U8", [2], 1, 3)}}`, 3),
      "offsets",
      "b: array overlaps the array before it, which ends at 2, got begin 1.",
    ],
    ["the same place twice", file(`{"a":${entry("U8", [2], 0, 2)},"b":${entry("U8", [2], 0, 2)}}`, 2), "offsets", "b: array overlaps"],
    [
      "gap",
      file(`{"a":${entry("U8", [1], 0, 1)},"b":${entry("U8", [1], 2, 3)}}`, 3),
      "offsets",
      "b: array leaves a gap before it, which ends at 1, got begin 2.",
    ],
    [
      "gap in front",
      file(`{"a":${entry("U8", [1], 1, 2)}}`, 2),
      "offsets",
      "a: array leaves a gap before it, which ends at 0, got begin 1.",
    ],
    [
      "trailing bytes",
      file(`{"a":${entry("U8", [1], 0, 1)}}`, 2),
      "offsets",
      "arrays must fill the data, which has 2 bytes, got 1 bytes. Write the file anew.",
    ],
    [
      "I64 too large",
      file(`{"a":${entry("I64", [1], 0, 8)}}`, Uint8Array.of(0, 0, 0, 128, 0, 0, 0, 0)),
      "range",
      "a: an I64 must fit into 32 bits, got 2147483648.",
    ],
  ];
  test.each(cases)("%s", (_, bytes, fault, message) => {
    const error = (() => {
      try {
        fromSafetensors(bytes, "w.safetensors");
      } catch (e) {
        return e;
      }
    })();
    expect(error).toBeInstanceOf(FormatError);
    expect((error as FormatError).message).toContain(message);
    expect((error as FormatError).message).toMatch(/^w\.safetensors: /);
    expect((error as FormatError).fault).toBe(fault);
  });

  test("empty files and empty arrays are no fault", () => {
    expect(fromSafetensors(file("{}")).tensors.size).toBe(0);
    const both = `{"a":${entry("F32", [0], 0, 0)},"b":${entry("F32", [2, 0], 0, 0)}}`;
    expect([...fromSafetensors(file(both)).tensors.values()].map(({ shape }) => shape)).toEqual([[0], [2, 0]]);
  });

  test("any damage gives a FormatError or a file", () => {
    const bytes = toSafetensors({ a: f32([2, 2], [1, 2, 3, 4]), b: i32([3], [1, 2, 3]) }, { k: "v" });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.nat(bytes.length),
        (changes, length) => {
          const damaged = bytes.slice();
          for (const [at, value] of changes) damaged[at] = value;
          for (const hostile of [damaged, damaged.subarray(0, length)]) {
            try {
              fromSafetensors(hostile);
            } catch (error) {
              expect(error).toBeInstanceOf(FormatError);
            }
          }
        },
      ),
      { numRuns: 3000 },
    );
  });
});

const nets = sharedFolder("golden/nets");
describe.skipIf(!nets)("files written by PyTorch's tools", () => {
  test.each(["lenet5", "resnet20", "mini_inception"])("%s is read, and written back with the same content", async (net) => {
    const path = join(nets!, `${net}.safetensors`);
    const { tensors } = fromSafetensors(await readFile(path), path);
    expect(tensors.size).toBeGreaterThan(10);
    const golden = JSON.parse(await readFile(join(nets!, `${net}.json`), "utf8")) as { loss: string; losses: readonly number[] };
    const logits = tensors.get("out/logits")!;
    expect(logits.shape).toEqual([tensors.get("batch/x")!.shape[0], 10]);
    // The loss that PyTorch computed from these logits and targets shows that the numbers are the right ones.
    if (golden.loss === "cross_entropy(mean)") expect(crossEntropy(logits, tensors.get("batch/target")!)).toBeCloseTo(golden.losses[0]!, 5);
    const again = fromSafetensors(toSafetensors(tensors)).tensors;
    expect([...again.keys()]).toEqual([...tensors.keys()]);
    for (const [name, array] of tensors) {
      const copy = again.get(name)!;
      expect([copy.dtype, copy.shape]).toEqual([array.dtype, array.shape]);
      expect(Buffer.from(copy.data.buffer).equals(Buffer.from(array.data.buffer)), name).toBe(true);
    }
  });
});

/** Mean over rows of -log softmax at the target. */
function crossEntropy(logits: NdArray, target: NdArray): number {
  const [n = 0, classes = 0] = logits.shape;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const row = [...logits.data.subarray(i * classes, (i + 1) * classes)];
    sum += Math.log(row.reduce((total, x) => total + Math.exp(x), 0)) - row[target.data[i]!]!;
  }
  return sum / n;
}
