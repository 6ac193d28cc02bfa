/** Which of a graph's kernels run block by block, as chains (see kernel/chain.ts), with their roles. */
import { present } from "../base/assert.ts";
import { sizeOf } from "../base/shape.ts";
import { addressKernel, type Strides, spacedStrides } from "../kernel/address.ts";
import { type Chain, chainOf, gradientChainOf } from "../kernel/chain.ts";
import { contract, factors } from "../kernel/contraction.ts";
import { type Buffer, loadsOf, tablesOf } from "../kernel/expr.ts";
import { buffersRead, type Kernel } from "../kernel/kernel.ts";
import { transformRoles } from "../kernel/transform.ts";
import { channelsLast } from "../passes/layout.ts";

/** What becomes of kernels that run as chains. */
interface Chained {
  /** Addressed, by the last kernel of each chain, in whose place they run. */
  readonly chains: ReadonlyMap<Kernel, readonly Kernel[]>;
  /** Kernels that run in chains alone. */
  readonly inChains: ReadonlySet<Kernel>;
}

/** The chains among fused kernels. `kept` are buffers that must be written; layouts of what chains add go into `strides`. */
export function chained(
  kernels: readonly Kernel[],
  kept: ReadonlySet<Buffer>,
  strides: Map<Buffer, Strides>,
  flat: (b: Buffer) => Buffer,
): Chained {
  const chains = new Map<Kernel, readonly Kernel[]>();
  const inChains = new Set<Kernel>();
  const transforms = new Set<Kernel>();
  for (const [last, chain] of findChains(kernels, kept)) {
    const prepared = chain.length === 3 ? prepareChain(chain, strides, flat) : prepareGradient(chain, strides, flat);
    if (!prepared) continue;
    chains.set(last, prepared);
    for (const k of chain.slice(-2)) inChains.add(k);
    for (const k of chain.slice(0, -2)) transforms.add(k);
  }
  // A transform that only chains read is made within each of them.
  const read = new Set(kernels.filter((k) => !inChains.has(k)).flatMap(buffersRead));
  for (const k of transforms) if (!read.has(k.out)) inChains.add(k);
  return { chains, inChains };
}

/** A transform, the product that alone reads it, and the transform back; or two transforms, their product and the transform of that. */
type ChainKernels = readonly [Kernel, Kernel, Kernel] | readonly [Kernel, Kernel, Kernel, Kernel];

const isTransform = (k: Kernel): boolean => tablesOf(k.body).length > 0;

/** Kernels that may run block by block, by the last of them. */
function findChains(kernels: readonly Kernel[], kept: ReadonlySet<Buffer>): Map<Kernel, ChainKernels> {
  const readers = new Map<Buffer, Kernel[]>();
  const makers = new Map<Buffer, Kernel[]>();
  for (const k of kernels) {
    makers.set(k.out, [...(makers.get(k.out) ?? []), k]);
    for (const b of buffersRead(k)) readers.set(b, [...(readers.get(b) ?? []), k]);
  }
  /** What alone makes `b`, which is not needed for itself. */
  const madeBy = (b: Buffer): Kernel | undefined => {
    const made = makers.get(b) ?? [];
    return made.length === 1 && !kept.has(b) ? made[0] : undefined;
  };
  const isAlone = (b: Buffer): boolean => readers.get(b)!.length === 1;
  const chains = new Map<Kernel, ChainKernels>();
  for (const last of kernels) {
    const [load] = loadsOf(last.body);
    const middle = load && isTransform(last) && isAlone(load.buffer) ? madeBy(load.buffer) : undefined;
    const pair = middle && factors(middle);
    const made = pair?.map((l) => madeBy(l.buffer)).filter((k) => k !== undefined && isTransform(k)) as Kernel[] | undefined;
    // The filters of a convolution are transformed too, but for all tiles: their product has no sum over tiles.
    const [a, b] = made ?? [];
    if (!middle || !a) continue;
    const overTiles = pair!.every((l) => l.index[2]?.axis === middle.reduce[0]);
    if (b && overTiles) chains.set(last, [b, a, middle, last]);
    else {
      const tiles = middle.at[2]?.axis;
      const first = made!.find((k) => pair!.some((l) => l.buffer === k.out && l.index[2]?.axis === tiles));
      if (first) chains.set(last, [first, middle, last]);
    }
  }
  return chains;
}

/** A weight gradient as a chain, then the sum of its parts; undefined where the kernels do not fit. */
function prepareGradient(
  kernels: readonly [Kernel, Kernel, Kernel, Kernel],
  strides: Map<Buffer, Strides>,
  flat: (b: Buffer) => Buffer,
): Kernel[] | undefined {
  const chain = gradientChainOf(...kernels);
  if (!chain) return undefined;
  const strideOf = (b: Buffer): Strides => present(strides.get(b), `layout of ${b.name}`);
  const own = chain.product.chain!;
  for (const b of own.locals) strides.set(b, spacedStrides(b.shape, channelsLast(b.shape)));
  if (chain.total) strides.set(chain.total.partial, [sizeOf(chain.total.kernel.out.shape), ...strideOf(chain.total.kernel.out)]);
  const address = (k: Kernel): Kernel => addressKernel(k, strideOf, flat);
  const [toV, toD] = chain.transforms.map((k) => transformRoles(address(k)));
  const [product, ...others] = contract(address(chain.product), "never") ?? [];
  const back = transformRoles(address(chain.perPart));
  if (!toV || !toD || !back || !product?.contraction || others.length > 0 || product.contraction.outer.length > 0) return undefined;
  const blocks: Chain = { ...own, locals: own.locals.map(flat) };
  const linked = [...chain.margins.map(address), toV, toD, product, back].map((k) => ({ ...k, chain: blocks }));
  return [...linked, ...(chain.total ? [address(chain.total.kernel)] : [])];
}

/** The kernels as a chain in blocks, after what prepares their operands; undefined where they do not fit. */
function prepareChain(
  kernels: readonly [Kernel, Kernel, Kernel],
  strides: Map<Buffer, Strides>,
  flat: (b: Buffer) => Buffer,
): Kernel[] | undefined {
  const chain = chainOf(...kernels);
  if (!chain) return undefined;
  const own = chain.product.chain!;
  for (const b of own.locals) strides.set(b, spacedStrides(b.shape, channelsLast(b.shape)));
  const address = (k: Kernel): Kernel => addressKernel(k, (b) => present(strides.get(b), `layout of ${b.name}`), flat);
  const [first, last] = [transformRoles(address(chain.to)), transformRoles(address(chain.from))];
  const tiled = contract(address(chain.product), "always");
  const main = tiled?.at(-1);
  if (!first || !last || !main?.contraction || main.contraction.outer.length > 0) return undefined;
  const blocks: Chain = { ...own, locals: own.locals.map(flat) };
  const link = (k: Kernel): Kernel => ({ ...k, chain: blocks });
  // What comes before the product prepares u, once.
  const before = tiled!.slice(0, -1).map(({ chain: _, ...k }) => k);
  return [...before, ...chain.margins.map(address).map(link), link(first), link(main), link(last)];
}
