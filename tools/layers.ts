/** `npm run layers`: proves the import law of docs/architecture.md over src/. Exits with 1 and file:line where it is broken. */
import { join, relative } from "node:path";
import { cyclesAmong } from "./layers/cycles.ts";
import { importsIn } from "./layers/imports.ts";
import { violationOf } from "./layers/law.ts";

async function main(): Promise<number> {
  const src = process.argv[2] ?? join(import.meta.dirname, "..", "src");
  const imports = await importsIn(src);
  const where = (file: string): string => relative(process.cwd(), join(src, file));
  const faults = [
    ...imports.flatMap((i) => {
      const rule = violationOf(i);
      return rule === undefined ? [] : [`${where(i.file)}:${i.line}: imports ${i.to}: ${rule}`];
    }),
    ...cyclesAmong(imports).map((cycle) => `folders import each other in a circle: ${cycle.join(" -> ")}`),
  ];
  for (const fault of faults) console.log(fault);
  console.log(faults.length === 0 ? `layers: ${imports.length} imports, all downwards` : `layers: ${faults.length} violations`);
  return faults.length === 0 ? 0 : 1;
}

process.exitCode = await main();
