import type { ConvWork, NetworkWork, PoolWork, WorkList } from "../workList.ts";

/** What a peer is told to prepare. */
export type Item =
  | { readonly conv: ConvWork; readonly pass: "fwd" | "fwdbwd" }
  | { readonly pool: PoolWork; readonly pass: "fwd" | "fwdbwd" }
  | { readonly network: NetworkWork; readonly pass: "fwd" | "step" };

/** An item with the name that figures, targets and `--only` know it by. */
export interface NamedItem {
  readonly work: string;
  readonly item: Item;
}

/** Items that one process of each peer does one after the other. */
export interface Section {
  readonly title: string;
  readonly items: readonly NamedItem[];
}

const PASSES = { fwd: "forward", fwdbwd: "forward and backward", step: "training step" } as const;

/** All that is timed in turn. A network has a section of its own, because the memory of its process is a figure too. */
export const sectionsOf = ({ convs, pools, networks }: WorkList): Section[] => [
  ...(["fwd", "fwdbwd"] as const).map((pass) => ({
    title: `Convolutions, ${PASSES[pass]}`,
    items: convs.map((conv) => ({ work: `conv ${conv.id} ${pass}`, item: { conv, pass } })),
  })),
  ...(["fwd", "fwdbwd"] as const).map((pass) => ({
    title: `Pools, ${PASSES[pass]}`,
    items: pools.map((pool) => ({ work: `${pool.id} ${pass}`, item: { pool, pass } })),
  })),
  ...networks.flatMap((network) =>
    network.passes.map((pass) => ({
      title: `${network.id}, ${PASSES[pass]}`,
      items: [{ work: `${network.id} ${pass}`, item: { network, pass } }],
    })),
  ),
];
