import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleFile } from "./bundle.ts";
import { skipWithoutBrowser, startChromium } from "./chromium.ts";
import { lenetSteps, type Run } from "./lenetSteps.ts";
import { readNetLog } from "./netLog.ts";
import { type PageHeaders, Site } from "./site.ts";

const ISOLATED = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };
const csp = (...more: readonly string[]): PageHeaders => ({
  "content-security-policy": ["default-src 'none'", "img-src data:", "script-src 'self' 'wasm-unsafe-eval'", ...more].join("; "),
});
/** The pages by path. "strict" allows no more than the documentation asks for; "refusing" allows no workers made of text. */
const PAGES = {
  "/plain": {},
  "/isolated": ISOLATED,
  "/strict": { ...ISOLATED, ...csp("worker-src blob:") },
  "/refusing": { ...ISOLATED, ...csp("worker-src 'self'") },
} as const satisfies Record<string, PageHeaders>;

interface Visit extends Run {
  readonly isolated: boolean;
  /** Errors and warnings on the page's console and errors that nobody caught. */
  readonly complaints: readonly string[];
}

describe.skipIf(skipWithoutBrowser())("in Chromium", () => {
  let folder: string;
  let browser: Browser;
  let site: Site;
  let node: Run;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "fovea-browser-"));
    site = await Site.start((await bundleFile(join(import.meta.dirname, "page.ts"))).code, PAGES);
    browser = await startChromium(join(folder, "net.json"));
    node = await lenetSteps(1);
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
    if (folder) await rm(folder, { recursive: true });
  });

  /** Trains in a page of its own. */
  async function visit(path: keyof typeof PAGES, threads: number): Promise<Visit> {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    try {
      await page.goto(site.origin + path);
      const run = await page.evaluate((n) => (globalThis as unknown as { lenetSteps: typeof lenetSteps }).lenetSteps(n), threads);
      const isolated = await page.evaluate(() => crossOriginIsolated);
      return { ...run, isolated, complaints };
    } finally {
      await page.close();
    }
  }

  test("Node has the same bits on 2 threads as on 1", async () => {
    const run = await lenetSteps(2);
    expect(run.threads).toBe(2);
    expect(run.trained).toEqual(node.trained);
    expect(node.trained.losses.at(-1)).toBeLessThan(node.trained.losses[0]! - 0.5);
  });

  test.each([
    { path: "/plain", asked: 1, threads: 1 },
    { path: "/plain", asked: 2, threads: 1 },
    { path: "/isolated", asked: 1, threads: 1 },
    { path: "/isolated", asked: 2, threads: 2 },
    { path: "/isolated", asked: 3, threads: 3 },
    { path: "/strict", asked: 2, threads: 2 },
  ] as const)("$path: $asked threads wanted, $threads had, the bits of Node", async ({ path, asked, threads }) => {
    const { isolated, complaints, ...run } = await visit(path, asked);
    expect(complaints).toEqual([]);
    expect(isolated).toBe(path !== "/plain");
    expect(run.threads).toBe(threads);
    expect(run.trained).toEqual(node.trained);
  });

  test("/refusing: one thread where the page's policy refuses workers", async () => {
    const { complaints, threads, trained } = await visit("/refusing", 2);
    expect(threads).toBe(1);
    expect(trained).toEqual(node.trained);
    // The browser's own words: no script can keep it from them.
    expect(complaints.every((c) => c.includes("Content Security Policy"))).toBe(true);
  });

  // The last test: the browser completes its log when it ends.
  test("the pages asked for their script alone, and the browser sent nothing past this machine", async () => {
    await browser.close();
    const { connected, datagrams, asked } = await readNetLog(join(folder, "net.json"));
    expect(connected).toEqual([site.address]);
    expect(datagrams).toBe(0);
    // The workers are texts in that script: nothing is loaded for them.
    expect([...new Set(asked.map(({ url }) => url))]).toEqual([`${site.origin}/page.js`]);
  });
});
