/** What is asked of every experiment: the same bytes whatever the threads, and a page that stands by itself. */
import { beforeAll, describe, expect, test } from "vitest";
import { strokes } from "../../src/data/strokes.ts";
import { experiments } from "../../src/experiments/index.ts";
import { Lab } from "../../src/experiments/lab/lab.ts";
import { renderExperiment } from "../../src/experiments/page/page.ts";
import { type ExperimentRecord, jsonOf, runExperiment } from "../../src/experiments/record.ts";
import { wasm } from "../../src/runtime/wasm.ts";

const data = { train: strokes({ split: "train", count: 400 }), test: strokes({ split: "test", count: 80 }) };

/** The record of a quick run. */
export function quickRun(name: string, threads: number, seed = 1): Promise<ExperimentRecord> {
  const experiment = experiments.find((e) => e.name === name)!;
  const lab = new Lab({ ...(experiment.needsData && { data }), seed, quick: true, backend: wasm({ threads }) });
  const protocol = {
    experiment: name,
    seed,
    quick: true,
    ...(experiment.needsData && { data: "strokes" }),
    command: `npx fovea experiment ${name}`,
  };
  return runExperiment(experiment, lab, protocol, { threads, environment: { Node: process.version } });
}

/** Text of the page's body, without markup. */
export const words = (markup: string): string =>
  markup
    .replace(/^.*<body>/s, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ");

const withoutPictures = (markup: string): string => markup.replace(/base64,[^"]*/g, "");

/** Tests that each of these experiments passes. */
export function testEvery(names: readonly string[]): void {
  describe.each(names)("%s", (name) => {
    let [one, two, page]: [ExperimentRecord | undefined, ExperimentRecord | undefined, string] = [undefined, undefined, ""];
    beforeAll(async () => {
      one = await quickRun(name, 1);
      two = await quickRun(name, 2);
      page = renderExperiment(one);
    });

    test("gives the same bytes again, on another number of threads", () => {
      const bytes = (record: ExperimentRecord): string => JSON.stringify(jsonOf(record).reproducible);
      expect(bytes(two!).length).toBeGreaterThan(300);
      expect(bytes(two!) === bytes(one!)).toBe(true);
    });

    test("says the same of numbers that went through JSON", () => {
      const back = JSON.parse(JSON.stringify(one!.results)) as unknown;
      const { answer, says } = one!.experiment.report(back);
      expect({ answer, says }).toEqual({ answer: one!.report.answer, says: one!.report.says });
    });

    test("has a page that asks for nothing and runs nothing", () => {
      expect(withoutPictures(page)).not.toMatch(/https?:|\/\/|url\(|@import|<script|<link|<iframe|javascript:|\son[a-z]+=/i);
      for (const [, target] of page.matchAll(/(?:src|href)="([^"]*)"/g)) expect(target).toMatch(/^(#|data:image\/png;base64,)/);
      expect(page).toContain(`content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"`);
      expect(withoutPictures(page)).not.toMatch(/\sstyle="/);
    });

    test("has a page whose elements nest, whose links lead somewhere and whose text leaks nothing", () => {
      const open: string[] = [];
      const empty = new Set(["!doctype", "meta", "img", "br"]);
      const markup = page.replace(/<style>.*?<\/style>/s, "").replace(/<[a-z]+[^>]*\/>/g, "");
      for (const [, tag] of markup.matchAll(/<(\/?[a-z!][a-z0-9]*)/gi)) {
        if (tag!.startsWith("/")) expect(open.pop()).toBe(tag!.slice(1));
        else if (!empty.has(tag!)) open.push(tag!);
      }
      expect(open).toEqual([]);
      const ids = [...page.matchAll(/\sid="([^"]*)"/g)].map((m) => m[1]!);
      expect(new Set(ids).size).toBe(ids.length);
      for (const [, target] of page.matchAll(/href="#([^"]*)"/g)) expect(ids).toContain(target);
      for (const [image] of page.matchAll(/<img [^>]*>/g)) expect(image).toMatch(/ alt="/);
      expect(words(page)).not.toMatch(/undefined|NaN|Infinity|\[object|null|not a number/);
      expect(withoutPictures(page)).not.toMatch(/="(NaN|undefined)[^"]*"/);
    });

    test("has a page with the question, the answer, the networks and what to type", () => {
      const shown = words(page).replaceAll("&#39;", "'");
      const { experiment, report } = one!;
      for (const text of [experiment.question, report.answer, "Why it matters", "What the numbers say", `npx fovea experiment ${name}`]) {
        expect(shown).toContain(text.replace(/\s+/g, " "));
      }
      for (const { name: net } of report.nets) expect(shown).toContain(net);
      expect(report.blocks.length).toBeGreaterThan(1);
      expect(report.says.length).toBeGreaterThan(1);
      expect(report.headlines.length).toBeLessThanOrEqual(5);
    });
  });
}
