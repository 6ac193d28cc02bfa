/** The page of `fovea explain`, from data that never came from a network. */
import { expect, test } from "vitest";
import type { Explanation } from "../../src/train/report/explain/data.ts";
import { HEAT, heatPicture } from "../../src/train/report/explain/heatPicture.ts";
import { renderExplanation } from "../../src/train/report/explain/page.ts";

const numbers = (shape: readonly number[], value: (i: number) => number = (i) => Math.sin(i)) => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => value(i)),
});

const HOSTILE = `<img src=x onerror="alert('1')"> & co`;

const base: Explanation = {
  title: "What a network sees",
  model: "net",
  weights: "net.safetensors",
  imageName: "image 0 of test",
  image: numbers([1, 6, 6], (i) => i * 7),
  classes: ["cat", "dog"],
  probabilities: [0.25, 0.75],
  target: 1,
  trueClass: 0,
  score: 1.5,
  pixels: [],
  omitted: [],
  maps: [],
  leftOut: 0,
  filters: [],
  wanted: [],
  checks: [],
  command: "npx fovea explain net.safetensors",
};

const full: Explanation = {
  ...base,
  pixels: [
    { method: "saliency", title: "Saliency", what: "The gradient.", source: "1", signed: false, map: numbers([6, 6], Math.abs) },
    { method: "occlusion", title: "Occlusion", what: "The drop.", source: "2", signed: true, map: numbers([6, 6]), note: "A square." },
  ],
  omitted: [{ method: "Guided backpropagation", why: "There is no ReLU" }],
  maps: [
    { path: "0", type: "Conv2d", values: numbers([40, 5, 5]) },
    { path: "", type: "Net", values: numbers([2]) },
  ],
  leftOut: 3,
  filters: [{ path: "0", weight: numbers([4, 6, 3, 3]) }],
  wanted: [
    {
      path: "0",
      type: "Conv2d",
      images: numbers([2, 1, 6, 6], (i) => i % 256),
      channels: [
        { channel: 0, name: "0", activations: [0.5, 2] },
        { channel: 1, name: "1", activations: [0, 0] },
      ],
      of: 40,
    },
  ],
  checks: [
    {
      method: "saliency",
      title: "Saliency",
      layers: [
        { path: "1", ofSizes: -0.25, ofValues: 0 },
        { path: "0", ofSizes: Number.NaN, ofValues: Number.NaN },
      ],
    },
  ],
};

/** Text of the body, without markup. */
const words = (page: string): string =>
  page
    .replace(/^.*<body>/s, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ");

test("says what there is, and leaves out what there is not", () => {
  const page = renderExplanation(full);
  const text = words(page);
  expect(text).toContain("The answer is dog with 75%, but it is cat.");
  expect(text).toContain("Guided backpropagation is left out. There is no ReLU.");
  expect(text).toContain("3 layers of the network between these are left out");
  expect(text).toContain("and 8 more");
  expect(text).toContain("0 0.50 → 2.0");
  expect(text).toContain("1 silent");
  expect(text).toMatch(/1 −0\.25 .*0 – /);
  expect(text).not.toMatch(/NaN|undefined|Infinity/);
  expect(page.match(/<section /g)).toHaveLength(6);
  expect(renderExplanation(base).match(/<section /g)).toHaveLength(1);
  // As many tags closed as opened: nothing is cut off.
  for (const tag of ["section", "ul", "ol", "li", "table", "div", "figure", "p"]) {
    expect(page.match(new RegExp(`<${tag}[ >]`, "g"))?.length, tag).toBe(page.match(new RegExp(`</${tag}>`, "g"))?.length);
  }
});

test("explains another class than the answer, if asked", () => {
  expect(words(renderExplanation({ ...base, target: 0 }))).toContain(
    "This page explains class cat , whose score before the softmax is 1.50",
  );
});

test("escapes every name, wherever it stands", () => {
  const named: Explanation = {
    ...full,
    title: HOSTILE,
    model: HOSTILE,
    weights: HOSTILE,
    imageName: HOSTILE,
    classes: [HOSTILE, HOSTILE],
    command: HOSTILE,
    omitted: [{ method: HOSTILE, why: HOSTILE }],
    maps: full.maps.map((m) => ({ ...m, path: HOSTILE, type: HOSTILE })),
    filters: full.filters.map((f) => ({ ...f, path: HOSTILE })),
    wanted: full.wanted.map((w) => ({ ...w, path: HOSTILE, channels: w.channels.map((c) => ({ ...c, name: HOSTILE })) })),
    checks: full.checks.map((c) => ({ ...c, layers: c.layers.map((l) => ({ ...l, path: HOSTILE })) })),
  };
  const page = renderExplanation(named);
  expect(page.includes("<img src=x")).toBe(false);
  // Outside of quotes there is none either.
  expect(/<[^>]*\sonerror=/.test(page.replace(/"[^"]*"/g, '""'))).toBe(false);
  expect(page.split("&lt;img src=x").length).toBeGreaterThan(12);
});

test("many classes: the likeliest ones", () => {
  const classes = Array.from({ length: 100 }, (_, k) => `class ${k}.`);
  const probabilities = classes.map((_, k) => (k === 57 ? 0.9 : 0.1 / 99));
  const text = words(renderExplanation({ ...base, classes, probabilities, target: 57, trueClass: 57 }));
  expect(text).toContain("class 57. with 90%, which is right");
  expect(text.match(/class \d+\. 0\.1%/g)).toHaveLength(9);
});

test("maps of one value, of no number, and colour images", () => {
  for (const value of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    const pixels = full.pixels.map((p) => ({ ...p, map: numbers([6, 6], () => value) }));
    const maps = full.maps.map((m) => ({ ...m, values: numbers(m.values.shape, () => value) }));
    expect(words(renderExplanation({ ...full, image: numbers([3, 6, 6], (i) => i), pixels, maps }))).not.toMatch(/NaN|undefined|Infinity/);
  }
});

test("heat: nothing lets the image through, most is the last colour", () => {
  const plane = { width: 5, height: 1, values: [-1, 0, Number.NaN, 1, 2] };
  expect(heatPicture(plane, 2)).toMatchObject({ kind: "indexed", width: 5, height: 1, palette: HEAT });
  expect([...Array.from(heatPicture(plane, 2).pixels)]).toEqual([0, 0, 0, Math.round((HEAT.length - 1) / 2), HEAT.length - 1]);
  expect(HEAT[0]![3]).toBe(0);
  const opacities = HEAT.map((colour) => colour[3]);
  expect(opacities).toEqual([...opacities].sort((a, b) => a - b));
});
