import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { experimentProgress } from "../../src/cli/experimentProgress.ts";
import { terminal } from "../../src/cli/terminal.ts";
import { experiments } from "../../src/experiments/index.ts";
import { runCli, temporaryFolder } from "./runCli.ts";

test("without a name it lists every experiment with its line", async () => {
  const { code, stdout } = await runCli(["experiment"]);
  expect(code).toBe(0);
  expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  // Descriptions go on below themselves.
  const said = stdout.replaceAll(/\n +/g, " ").trim().split("\n");
  expect(said.map((line) => line.replace(/ +/, ": "))).toEqual(experiments.map(({ name, line }) => `${name}: ${line}`));
  const listed = JSON.parse((await runCli(["experiment", "--json"])).stdout) as { experiments: { name: string }[] };
  expect(listed.experiments.map(({ name }) => name)).toEqual(experiments.map(({ name }) => name));
});

test("writes a page and its numbers, and nothing else", async () => {
  const folder = temporaryFolder();
  const args = ["experiment", "fft", "--quick", "--seed", "5", "--out", join("new", "page.html"), "--json"];
  const { code, stdout, stderr } = await runCli(args, { cwd: folder });
  expect(stderr).toContain("When does the Fourier transform win?");
  expect(code).toBe(0);
  expect(readdirSync(join(folder, "new")).sort()).toEqual(["page.html", "page.json"]);
  const printed = JSON.parse(stdout) as { reproducible: { seed: number }; page: string; numbers: string };
  const written = JSON.parse(readFileSync(join(folder, "new", "page.json"), "utf8")) as { reproducible: { seed: number } };
  expect(written.reproducible).toEqual(printed.reproducible);
  expect(written.reproducible.seed).toBe(5);
  expect(readFileSync(join(folder, "new", "page.html"), "utf8")).toContain("--seed");
});

test.each([
  [["experiment", "sharng"], "Did you mean sharing?"],
  [["experiment", "fft", "--data", "strokes"], "--data is not for fft, which makes its own inputs, got strokes"],
  [["experiment", "fft", "--out", "numbers.json"], "--out must name a page such as fft.html, got numbers.json"],
  [["experiment", "fft", "--seed", "-1"], "--seed must be a whole number of at least 0, got -1"],
])("%j is a mistake of one line", async (args, message) => {
  const folder = temporaryFolder();
  const { code, stdout, stderr } = await runCli(args, { cwd: folder });
  expect(code).toBe(2);
  expect(stdout).toBe("");
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(stderr).toContain(message);
  expect(readdirSync(folder)).toEqual([]);
});

test("Ctrl-C ends it between steps and writes nothing", async () => {
  const folder = temporaryFolder();
  let sent = false;
  const { code, stdout } = await runCli(["experiment", "permuted-pixels", "--out", "page.html"], {
    cwd: folder,
    onStderr: (stderr, kill) => {
      if (!sent && stderr.includes("1 of ")) sent = kill("SIGINT");
    },
  });
  expect(sent).toBe(true);
  expect(code).toBe(130);
  expect(stdout).toContain("Stopped. Nothing was written.");
  expect(existsSync(join(folder, "page.html"))).toBe(false);
});

describe("progress", () => {
  test("a bar that fits the line", () => {
    let [now, text] = [0, ""];
    const screen = { isTTY: true, columns: 60, write: (part: string) => void (text = part) };
    const show = experimentProgress(terminal(screen, { NO_COLOR: "1", LANG: "en_US.UTF-8" }), () => now);
    now = 30_000;
    show({ share: 0.25, job: "a job with a name that is much too long for this line", number: 3, jobs: 12 });
    const line = text;
    expect(line).toMatch(/^ +3\/12 {2}━{5}─{15} +25% {2}1:30 left +a job/);
    expect(line.length).toBeLessThan(60);
  });

  test("whole lines where nothing can change, not too many", () => {
    let now = 0;
    const lines: string[] = [];
    const show = experimentProgress(terminal({ write: (part: string) => void lines.push(part) }, {}), () => now);
    for (; now < 60_000; now += 100) show({ share: now / 60_000, job: "job", number: 1, jobs: 1 });
    expect(lines.length).toBeGreaterThan(3);
    expect(lines.length).toBeLessThan(8);
    expect(lines[1]).toMatch(/^1 of 1 \(16%\): job, 0:5\d left\n$/);
  });
});
