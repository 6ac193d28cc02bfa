import { readFileSync } from "node:fs";

/**
 * The most memory that this process has held, in bytes. Linux's own figure where there is one: that of getrusage begins with what the
 * process held that started this one.
 */
export function peakMemory(): number {
  let status: string;
  try {
    status = readFileSync("/proc/self/status", "utf8");
  } catch {
    return 1024 * process.resourceUsage().maxRSS;
  }
  return 1024 * Number(/^VmHWM:\s+(\d+)/m.exec(status)![1]);
}
