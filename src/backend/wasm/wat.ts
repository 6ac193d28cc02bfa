/** Prints functions and modules as WebAssembly text, by decoding their bytes with the instruction table. */
import { ByteReader } from "../../base/bytes.ts";
import type { FunctionBuilder } from "./function.ts";
import { link, type MemoryPlan, type ModulePlan } from "./module.ts";
import { INSTRUCTIONS, type Instruction, TYPE_CODES, type ValueType } from "./opcodes.ts";

const BY_CODE: ReadonlyMap<number, Instruction> = new Map([...INSTRUCTIONS.values()].map((row) => [row.code, row]));
const TYPE_NAMES: ReadonlyMap<number, string> = new Map(Object.entries(TYPE_CODES).map(([name, code]) => [code, name]));

/** The module as text that WebAssembly tools can parse. */
export function printModule(plan: ModulePlan): string {
  const { imports, functions, globals } = link(plan.exports);
  const lines = ["(module"];
  for (const fn of imports) lines.push(`  (import "${fn.module}" "${fn.name}" (func $${fn.name}${signature(fn.params, fn.results)}))`);
  const m = plan.memory;
  if (m?.import) lines.push(`  (import "${m.import.module}" "${m.import.name}" (memory ${limits(m)}))`);
  else if (m) lines.push(`  (memory ${limits(m)})`);
  for (const g of globals) lines.push(`  (global $${g.name} (mut ${g.type}) (${g.type}.const ${g.initial}))`);
  for (const [name, fn] of Object.entries(plan.exports)) lines.push(`  (export "${name}" (func $${fn.name}))`);
  if (m?.export) lines.push(`  (export "${m.export}" (memory 0))`);
  for (const fn of functions) lines.push(printFunction(fn, "  "));
  for (const d of plan.data ?? []) lines.push(`  ;; data: ${d.bytes.length} bytes at ${d.at}`);
  return `${lines.join("\n")}\n)\n`;
}

/** One function as text; locals are numbered, parameters first. */
export function printFunction(fn: FunctionBuilder, indent = ""): string {
  const lines = [`${indent}(func $${fn.name}${signature(fn.params, fn.results)}`];
  const locals = fn.localTypes.slice(fn.params.length);
  if (locals.length > 0) lines.push(`${indent}  (local ${locals.join(" ")})`);
  const reader = new ByteReader(fn.code());
  const references = new Map(fn.references.map((r) => [r.at, r.to.name]));
  let depth = 1;
  while (!reader.done) {
    const row = instruction(reader);
    if (row.name === "end" || row.name === "else") depth--;
    lines.push(`${indent}${"  ".repeat(depth)}${row.name}${immediate(row, reader, references)}`);
    if (row.immediate === "block" || row.name === "else") depth++;
  }
  return `${lines.join("\n")})`;
}

function signature(params: readonly ValueType[], results: readonly ValueType[]): string {
  const part = (word: string, types: readonly string[]): string => (types.length > 0 ? ` (${word} ${types.join(" ")})` : "");
  return part("param", params) + part("result", results);
}

const limits = (m: MemoryPlan): string => `${m.initial} ${m.maximum}${m.shared ? " shared" : ""}`;

function instruction(r: ByteReader): Instruction {
  const first = r.byte();
  return BY_CODE.get(first >= 0xfc ? first * 4096 + r.unsigned() : first)!;
}

function immediate(row: Instruction, r: ByteReader, references: ReadonlyMap<number, string>): string {
  switch (row.immediate) {
    case "none":
      r.bytes(row.size);
      return "";
    case "memory":
      return memoryArgument(row, r);
    case "memoryLane":
      return `${memoryArgument(row, r)} ${r.byte()}`;
    case "lane":
      return ` ${r.byte()}`;
    case "shuffle":
      return ` ${r.bytes(16).join(" ")}`;
    case "block": {
      const type = TYPE_NAMES.get(r.byte());
      return type ? ` (result ${type})` : "";
    }
    case "function":
    case "global":
      return ` $${references.get(r.at)}`;
    case "label":
    case "local":
      return ` ${r.unsigned()}`;
    case "i32":
      return ` ${r.signed()}`;
    case "i64":
      return ` ${r.signed64()}`;
    case "f32":
      return ` ${float(r.f32())}`;
    case "f64":
      return ` ${float(r.f64(), 17)}`;
    case "v128":
      return vector(r.bytes(16));
  }
}

function memoryArgument(row: Instruction, r: ByteReader): string {
  const align = 2 ** r.unsigned();
  const offset = r.unsigned();
  return `${offset === 0 ? "" : ` offset=${offset}`}${align === row.size ? "" : ` align=${align}`}`;
}

/** Four floats where that is exact and likely, else four integers. */
function vector(bytes: Uint8Array): string {
  const r = new ByteReader(bytes);
  const floats = [r.f32(), r.f32(), r.f32(), r.f32()];
  const likely = floats.every((x) => x === 0 || (Math.abs(x) > 1e-30 && Math.abs(x) < 1e30) || Math.abs(x) === Infinity);
  if (likely) return ` f32x4 ${floats.map((x) => float(x)).join(" ")}`;
  const again = new ByteReader(bytes);
  return ` i32x4 ${floats.map(() => again.i32()).join(" ")}`;
}

/** The shortest decimal that reads back as the same number of `digits` digits (9 for f32). */
function float(x: number, digits = 9): string {
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x > 0 ? "inf" : "-inf";
  if (Object.is(x, -0)) return "-0";
  if (digits > 9) return `${x}`;
  for (let n = 1; n < digits; n++) {
    const short = Number(x.toPrecision(n));
    if (Math.fround(short) === x) return `${short}`;
  }
  return `${x}`;
}
