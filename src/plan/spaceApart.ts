import { type Strides, spacedStrides } from "../kernel/address.ts";
import { factors } from "../kernel/contraction.ts";
import { type Buffer, tablesOf } from "../kernel/expr.ts";
import { buffersRead, type Kernel } from "../kernel/kernel.ts";
import { channelsLast } from "../passes/layout.ts";

/** Gives what lies between transforms and products strides with gaps. `kept` are buffers that others know too. */
export function spaceApart(kernels: readonly Kernel[], kept: ReadonlySet<Buffer>, strides: Map<Buffer, Strides>): void {
  const transforms = kernels.filter((k) => tablesOf(k.body).length > 0);
  const [made, read] = [new Set(transforms.map((k) => k.out)), new Set(transforms.flatMap(buffersRead))];
  for (const product of kernels) {
    const operands = factors(product)?.map((l) => l.buffer) ?? [];
    const between = [...operands.filter((b) => made.has(b)), ...(operands.length > 0 && read.has(product.out) ? [product.out] : [])];
    for (const b of between) if (!kept.has(b)) strides.set(b, spacedStrides(b.shape, channelsLast(b.shape)));
  }
}
