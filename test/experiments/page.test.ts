import { expect, test } from "vitest";
import type { Experiment } from "../../src/experiments/experiment.ts";
import { renderExperiment } from "../../src/experiments/page/page.ts";
import type { ExperimentRecord } from "../../src/experiments/record.ts";
import type { Report } from "../../src/experiments/report/report.ts";
import { spreadOf } from "../../src/experiments/report/spread.ts";

const HOSTILE = `"><img src=x onerror='alert(1)'></title></style><script>alert(1)</script>`;

const report = (text: string): Report => ({
  answer: `Answer ${text}`,
  says: [`Said ${text}`],
  headlines: [{ label: `Label ${text}`, value: spreadOf([0.5, 0.7]), format: "percent", more: `more ${text}` }],
  setup: [[`Name ${text}`, `Value ${text}`]],
  nets: [{ name: `net ${text}`, layers: `layers ${text}`, parameters: 12, multiplyAdds: 3400 }],
  blocks: [
    {
      kind: "chart",
      title: `Chart ${text}`,
      x: { label: `x ${text}`, format: "count", ticks: [1, 2, 4].map((value) => ({ value, label: `${value} ${text}` })) },
      y: { label: `y ${text}`, format: "percent", low: 0, high: 1 },
      series: [
        { name: `one ${text}`, points: [1, 2, 4].map((x) => ({ x, y: spreadOf([0.2 * x, 0.1 * x]) })) },
        { name: `two ${text}`, points: [1, 2, 4].map((x) => ({ x, y: x === 2 ? Number.NaN : 0.25 })) },
      ],
    },
    {
      kind: "table",
      title: `Table ${text}`,
      columns: [{ name: `A ${text}` }, { name: "B", format: "count", bar: true }],
      rows: [
        [`row ${text}`, 5],
        ["empty", undefined],
      ],
    },
    {
      kind: "pictures",
      title: `Pictures ${text}`,
      items: [{ caption: `picture ${text}`, kind: "signed", shape: [2, 2], data: [1, -1, 0, 0.5] }],
    },
  ],
});

const record = (text: string, quick = false): ExperimentRecord => ({
  experiment: { name: `name ${text}`, question: `Question ${text}?`, why: `Why ${text}.` } as Experiment,
  protocol: { experiment: "made-up", seed: 7, quick, data: `data ${text}`, command: `npx fovea experiment ${text}` },
  results: {},
  report: report(text),
  timed: undefined,
  circumstances: { started: "2026-05-03T14:20:00Z", seconds: 61, threads: 2, environment: { [`Key ${text}`]: text }, times: null },
});

const tags = (markup: string): string[] =>
  [...markup.replace(/<style>.*?<\/style>/s, "").matchAll(/<(\/?[a-z!][a-z0-9]*)/gi)].map((m) => m[1]!);

test("hostile text leaves the page's elements as they are", () => {
  const poisoned = renderExperiment(record(HOSTILE));
  // A command has an element per word: the harmless twin has as many.
  expect(tags(poisoned)).toEqual(tags(renderExperiment(record(HOSTILE.replace(/\S+/g, "x")))));
  expect(poisoned.replace(/base64,[^"]*/g, "")).not.toMatch(/<script|<img src=x|onerror='/);
});

test("points and whiskers lie where the axes say, and a missing value breaks the line", () => {
  const page = renderExperiment(record("x"));
  const at = [...page.matchAll(/<circle class="disc s0" cx="([\d.]+)" cy="([\d.]+)" r="3.5"\/>/g)]
    .slice(1)
    .map((m) => [Number(m[1]), Number(m[2])]);
  // The frame of the chart: 454 wide from 54, 246 high from 12. The first circle is the legend's.
  expect(at).toEqual(
    [0.15, 0.3, 0.6].map((y, i) => [Math.round(10 * (54 + (454 * [0, 1, 3][i]!) / 3)) / 10, Math.round(10 * (258 - 246 * y)) / 10]),
  );
  const whisker = page.match(/<path class="line whisker s0" d="([^"]*)"/)![1]!;
  expect(whisker.match(/M/g)).toHaveLength(3);
  expect(whisker.startsWith(`M54 ${258 - 24.6}L54 ${Math.round(10 * (258 - 49.2)) / 10}`)).toBe(true);
  expect(
    page
      .match(/<path class="line s1" d="([^"]*)"/g)!
      .at(-1)!
      .match(/M/g),
  ).toHaveLength(2);
});

test("numbers in words and in tables", () => {
  const page = renderExperiment(record("x"));
  for (const text of ["60.0% ± 14.1", "<td>5</td>", "<td>–</td>", "<td>3,400</td>", "3 May 2026, 14:20 UTC", "1 min 1 s"])
    expect(page).toContain(text);
});

test("a quick run says that it shows nothing", () => {
  expect(renderExperiment(record("x", true))).toContain("This was a quick run");
  expect(renderExperiment(record("x"))).not.toContain("This was a quick run");
});
