import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { random } from '../../server/storage-fixture';
import { arrivalKinds, type Arrival } from './arrivals';
import { Cutting, type Loss } from './cutting';
import type { DiskEvent } from './disk-record';
import { expectationsOf } from './expectation';
import { recordLives, scratchFolder } from './recorded-lives';
import { scriptOf, type Script } from './script';

export interface CutPlan {
  /** The top of the repository. */
  readonly root: string;
  readonly seed: number;
  /** How many states are drawn, beside those right after acknowledgements. */
  readonly cuts: number;
  /** Of so many acknowledgements one is followed by a cut. Default: each. */
  readonly acknowledgements?: number;
  /** How many of the script's lives are lived. Default: all. */
  readonly lives?: number;
  /** Ends when so many states were not as they should be. Default: 10. */
  readonly lossesMax?: number;
  /** The disk that the script runs on: rules of the control file. Default: a sound one. */
  readonly faults?: readonly string[];
}

export interface CutReport {
  readonly seed: number;
  readonly mode: Script['mode'];
  readonly events: number;
  readonly syncs: number;
  readonly opened: number;
  readonly losses: readonly Loss[];
}

/** Runs a script on a disk that is written down, cuts its power at many points, and opens what each leaves. */
export async function cutPower(plan: CutPlan): Promise<CutReport> {
  const { lossesMax = LOSSES_MAX } = plan;
  const base = scratchFolder();
  try {
    const script = scriptOf(plan.seed);
    const { root, seed, faults = [] } = plan;
    const lives = script.lives.slice(0, plan.lives).map((_, life) => ({ life, faults }));
    const events = await recordLives({ root, seed, recover: script.recover, base }, lives);
    const scratch = join(base, 'cut');
    const cutting = new Cutting(script, await expectationsOf(script), scratch);
    const points = pointsOf(events, plan);
    for (const [at, event] of events.entries()) {
      cutting.take(event);
      for (const draw of points.get(at) ?? []) await cutting.cut(at + 1, draw);
      if (cutting.losses.length >= lossesMax) break;
    }
    const { opened, losses } = cutting;
    const syncs = events.filter(({ kind }) => kind === 'sync').length;
    return { seed: plan.seed, mode: script.mode, events: events.length, syncs, opened, losses };
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

const LOSSES_MAX = 10;

/** After which events the power is cut, and how: right after each acknowledgement, and as drawn, every step alike. */
function pointsOf(
  events: readonly DiskEvent[],
  { seed, cuts, acknowledgements = 1 }: CutPlan,
): Map<number, Arrival[]> {
  const next = random(seed + 77);
  const notes = [...events.keys()].filter((at) => events[at]?.kind === 'note');
  const points = new Map<number, Arrival[]>();
  const add = (at: number, arrival: Arrival) =>
    points.set(at, [...(points.get(at) ?? []), arrival]);
  for (const [note, at] of notes.entries())
    if (note % acknowledgements === 0) add(at, { kind: 'none', seed: 0 });
  for (let drawn = 0; drawn < cuts; drawn += 1) {
    const step = next(notes.length);
    const from = notes[step] ?? 0;
    const to = notes[step + 1] ?? events.length;
    const kind = arrivalKinds[next(arrivalKinds.length)] ?? 'none';
    add(from + next(to - from), { kind, seed: next(1 << 30) });
  }
  return points;
}
