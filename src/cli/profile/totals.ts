/** The times of a profile added up: by kind of kernel, by pass, by layer. */
import { KERNEL_KINDS, type KernelKind } from "../../analysis/profile/steps.ts";
import type { Profile, ProfiledLayer, ProfiledStep } from "../../analysis/profile.ts";

/** Steps that every run does: the others only run when a weight has been set. */
export const running = ({ steps }: Profile): readonly ProfiledStep[] => steps.filter((s) => !s.fixed);

export interface KindTotal {
  readonly kind: KernelKind;
  readonly steps: number;
  readonly milliseconds: number;
  readonly multiplyAdds: number;
  readonly bytes: number;
}

/** Largest first; kinds that do not occur are left out. */
export const byKind = (profile: Profile): readonly KindTotal[] =>
  KERNEL_KINDS.map((kind): KindTotal => {
    const own = running(profile).filter((s) => s.kind === kind);
    const sum = (key: "milliseconds" | "multiplyAdds" | "bytes"): number => own.reduce((n, s) => n + s[key], 0);
    return { kind, steps: own.length, milliseconds: sum("milliseconds"), multiplyAdds: sum("multiplyAdds"), bytes: sum("bytes") };
  })
    .filter((total) => total.steps > 0)
    .sort((a, b) => b.milliseconds - a.milliseconds);

/** In the order in which they run. */
export const byPass = ({ layers }: Profile): readonly Pick<ProfiledLayer, "pass" | "milliseconds" | "multiplyAdds">[] =>
  (["forward", "backward", "update"] as const)
    .map((pass) => {
      const own = layers.filter((l) => l.pass === pass);
      const sum = (key: "milliseconds" | "multiplyAdds"): number => own.reduce((n, l) => n + l[key], 0);
      return { pass, milliseconds: sum("milliseconds"), multiplyAdds: sum("multiplyAdds") };
    })
    .filter((total) => total.milliseconds > 0);

/** Milliseconds of all steps that every run does. */
export const stepTime = (profile: Profile): number => running(profile).reduce((sum, s) => sum + s.milliseconds, 0);

/** Two operations for each multiply-add. */
export const gflops = ({ multiplyAdds, milliseconds }: { readonly multiplyAdds: number; readonly milliseconds: number }): number =>
  (2 * multiplyAdds) / milliseconds / 1e6;

export const gigabytesPerSecond = ({ bytes, milliseconds }: { readonly bytes: number; readonly milliseconds: number }): number =>
  bytes / milliseconds / 1e6;

/** A module's path, or what stands for none. */
export const pathText = (path: string): string => (path === "" ? "(outside layers)" : path);
