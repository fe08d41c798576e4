import { word } from '@lockstep/vr-core';

/** How a lock may be held. Tables and messages carry the place in this list: append, never reorder. */
export const MODES = ['exclusive', 'shared'] as const;
export type Mode = (typeof MODES)[number];
export const modeShape = word(...MODES);

const standsBeside = {
  exclusive: { exclusive: false, shared: false },
  shared: { exclusive: false, shared: true },
} as const satisfies Record<Mode, Record<Mode, boolean>>;

/** True when `wanted` may be granted to one owner while another holds the lock in mode `held`. (locks.md I1) */
export function compatible(held: Mode, wanted: Mode): boolean {
  return standsBeside[held][wanted];
}

/** What one mode does to a lock just now. */
export interface ModeUse {
  /** Number of holders in this mode. */
  readonly holders: number;
  /** Cluster time until which a holder lost in this mode still counts as one (lock-delay); 0 when there is none. */
  readonly delayedUntilMs: number;
}

/** The modes that stand in the way of `wanted`, whoever holds them; `uses` is in the order of MODES. */
export function blocking(uses: readonly ModeUse[], wanted: Mode): readonly ModeUse[] {
  return uses.filter((use, at) => {
    const mode = MODES[at];
    const used = use.holders > 0 || use.delayedUntilMs > 0;
    return mode !== undefined && used && !compatible(mode, wanted);
  });
}
