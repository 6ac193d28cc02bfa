/** The browser that tests run in: a Chromium of this machine, cut off from everything but it. */
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** The command that installs a Chromium where this module finds it. */
export const INSTALL = "npx playwright-core install --with-deps chromium";

const USUAL = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/snap/bin/chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** The program: CHROMIUM_PATH (empty for none), else the first of the usual places, else Playwright's own. */
function findChromium(): string | undefined {
  const wanted = process.env.CHROMIUM_PATH;
  if (wanted === undefined) return [...USUAL, chromium.executablePath()].find((path) => existsSync(path));
  if (wanted === "") return undefined;
  if (existsSync(wanted)) return wanted;
  throw new Error(`CHROMIUM_PATH: there is no ${wanted}`);
}

const path: string | undefined = findChromium();

/**
 * Whether to skip the tests that need a browser: true, with the reason on the terminal, where there is none. Throws instead
 * where FOVEA_REQUIRE_BROWSER is 1, so that on a build server no browser test is missed in silence.
 */
export function skipWithoutBrowser(): boolean {
  if (path !== undefined) return false;
  const reason = `there is no Chromium here (CHROMIUM_PATH, ${USUAL.slice(0, 3).join(", ")}, Playwright's cache). Install one: ${INSTALL}`;
  if (process.env.FOVEA_REQUIRE_BROWSER === "1") throw new Error(`browser tests are required, but ${reason}`);
  // Not console.log: reporters hide what tests print when they pass or are skipped.
  process.stderr.write(`\nSKIPPED: all browser tests, because ${reason}\n\n`);
  return true;
}

/** Starts the browser, without a window. `netLog` receives the path of a file to write all network events to. */
export function startChromium(netLog: string): Promise<Browser> {
  const isRoot = process.getuid?.() === 0;
  return chromium.launch({
    ...(path !== undefined && { executablePath: path }),
    headless: true,
    args: [
      ...(isRoot ? ["--no-sandbox"] : []),
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-proxy-server",
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
      `--log-net-log=${netLog}`,
    ],
  });
}
