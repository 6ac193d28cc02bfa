import { ByteWriter } from "../../base/bytes.ts";
import { type Callee, FunctionBuilder, type Global, type ImportedFunction } from "./function.ts";
import { TYPE_CODES, type ValueType } from "./opcodes.ts";

/** Linear memory, sizes in pages of 64 KiB. Imported from `import`, else the module's own. */
export interface MemoryPlan {
  readonly initial: number;
  readonly maximum: number;
  readonly shared?: boolean;
  readonly import?: { readonly module: string; readonly name: string };
  readonly export?: string;
}

export interface ModulePlan {
  /** Exported functions by name; all they call comes along. */
  readonly exports: { readonly [name: string]: FunctionBuilder };
  readonly memory?: MemoryPlan;
  /** Bytes that memory holds from the start. */
  readonly data?: readonly { readonly at: number; readonly bytes: Uint8Array }[];
  /** Whether function names are kept, for stack traces and profiles. Default true. */
  readonly names?: boolean;
}

/** Everything that is reached from the exports, numbered as the binary numbers it. */
export interface Linked {
  readonly imports: readonly ImportedFunction[];
  readonly functions: readonly FunctionBuilder[];
  readonly globals: readonly Global[];
  readonly indexOf: (x: Callee | Global) => number;
}

/** Collects the functions and globals of a module in order of first use. */
export function link(exports: ModulePlan["exports"]): Linked {
  const imports: ImportedFunction[] = [];
  const functions: FunctionBuilder[] = [];
  const globals: Global[] = [];
  const seen = new Set<Callee | Global>();
  const visit = (x: Callee | Global): void => {
    if (seen.has(x)) return;
    seen.add(x);
    if (x instanceof FunctionBuilder) {
      functions.push(x);
      for (const r of x.references) visit(r.to);
    } else if ("initial" in x) globals.push(x);
    else imports.push(x);
  };
  for (const fn of Object.values(exports)) visit(fn);
  const index = new Map<Callee | Global, number>();
  for (const [i, x] of [...imports, ...functions].entries()) index.set(x, i);
  for (const [i, x] of globals.entries()) index.set(x, i);
  return { imports, functions, globals, indexOf: (x) => index.get(x)! };
}

/** A WebAssembly binary. */
export function assembleModule(plan: ModulePlan): Uint8Array<ArrayBuffer> {
  const { imports, functions, globals, indexOf } = link(plan.exports);
  const types = new Map<string, number>();
  const typeOf = (fn: Callee): number => {
    const key = `${fn.params}:${fn.results}`;
    const known = types.get(key);
    if (known !== undefined) return known;
    types.set(key, types.size);
    return types.size - 1;
  };
  for (const fn of [...imports, ...functions]) typeOf(fn);

  const out = new ByteWriter(4096).i32(0x6d736100).i32(1);
  const section = (id: number, write: (w: ByteWriter) => void): void => {
    const w = new ByteWriter(1024);
    write(w);
    out.byte(id).sized(w.view());
  };
  const { memory, data } = plan;
  const limits = (w: ByteWriter, m: MemoryPlan): ByteWriter =>
    w
      .byte(m.shared ? 3 : 1)
      .unsigned(m.initial)
      .unsigned(m.maximum);

  section(1, (w) => {
    const list = (letters: string): void => {
      const names = letters === "" ? [] : (letters.split(",") as ValueType[]);
      w.unsigned(names.length);
      for (const t of names) w.byte(TYPE_CODES[t]);
    };
    w.unsigned(types.size);
    for (const key of types.keys()) {
      w.byte(0x60);
      for (const part of key.split(":")) list(part);
    }
  });
  const importedMemory = memory?.import;
  if (imports.length > 0 || importedMemory) {
    section(2, (w) => {
      w.unsigned(imports.length + (importedMemory ? 1 : 0));
      for (const fn of imports) w.text(fn.module).text(fn.name).byte(0).unsigned(typeOf(fn));
      if (importedMemory) limits(w.text(importedMemory.module).text(importedMemory.name).byte(2), memory);
    });
  }
  section(3, (w) => {
    w.unsigned(functions.length);
    for (const fn of functions) w.unsigned(typeOf(fn));
  });
  if (memory && !importedMemory) section(5, (w) => limits(w.byte(1), memory));
  if (globals.length > 0) {
    section(6, (w) => {
      w.unsigned(globals.length);
      for (const g of globals) {
        w.byte(TYPE_CODES[g.type]).byte(1);
        if (g.type === "i32") w.byte(0x41).signed(g.initial);
        else w.byte(0x43).f32(g.initial);
        w.byte(0x0b);
      }
    });
  }
  section(7, (w) => {
    const entries = Object.entries(plan.exports);
    w.unsigned(entries.length + (memory?.export ? 1 : 0));
    for (const [name, fn] of entries) w.text(name).byte(0).unsigned(indexOf(fn));
    if (memory?.export) w.text(memory.export).byte(2).byte(0);
  });
  section(10, (w) => {
    w.unsigned(functions.length);
    for (const fn of functions) w.sized(functionBody(fn, indexOf));
  });
  if (data && data.length > 0) {
    section(11, (w) => {
      w.unsigned(data.length);
      for (const d of data) w.byte(0).byte(0x41).signed(d.at).byte(0x0b).sized(d.bytes);
    });
  }
  if (plan.names ?? true) {
    section(0, (w) => {
      const names = new ByteWriter();
      names.unsigned(imports.length + functions.length);
      for (const [i, fn] of [...imports, ...functions].entries()) names.unsigned(i).text(fn.name);
      w.text("name").byte(1).sized(names.view());
    });
  }
  return out.take();
}

/** Locals and code, with references resolved. */
function functionBody(fn: FunctionBuilder, indexOf: Linked["indexOf"]): Uint8Array {
  const code = fn.code();
  const w = new ByteWriter(code.length + 64);
  const runs: { type: ValueType; count: number }[] = [];
  for (const type of fn.localTypes.slice(fn.params.length)) {
    const last = runs.at(-1);
    if (last?.type === type) last.count++;
    else runs.push({ type, count: 1 });
  }
  w.unsigned(runs.length);
  for (const { type, count } of runs) w.unsigned(count).byte(TYPE_CODES[type]);
  let from = 0;
  for (const { at, to } of fn.references) {
    w.bytes(code.subarray(from, at)).unsigned(indexOf(to));
    from = at;
  }
  return w.bytes(code.subarray(from)).byte(0x0b).view();
}
