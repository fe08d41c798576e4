import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { random } from '../../server/storage-fixture';
import { buildDisk, diskEnvironment, DiskFaults } from '../failing-disk';
import { arrivalKinds, type Arrival } from './arrivals';
import { Cutting, type Loss } from './cutting';
import { readRecord, type DiskEvent } from './disk-record';
import { expectationsOf } from './expectation';
import { scriptOf, type Script } from './script';

export interface CutPlan {
  /** The top of the repository. */
  readonly root: string;
  readonly seed: number;
  /** How many states are drawn, beside those right after acknowledgements. */
  readonly cuts: number;
  /** Of so many acknowledgements one is followed by a cut. Default: each. */
  readonly acknowledgements?: number;
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

/** Memory, where there is some: a sync of a real disk takes longer than everything else here. */
const MEMORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** Runs a script on a disk that is written down, cuts its power at many points, and opens what each leaves. */
export async function cutPower(plan: CutPlan): Promise<CutReport> {
  const { lossesMax = LOSSES_MAX } = plan;
  const base = mkdtempSync(join(MEMORY, 'lockstep-power-'));
  try {
    const script = scriptOf(plan.seed);
    const events = await recordOf(plan, script, base);
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

async function recordOf(
  { root, seed, faults }: CutPlan,
  { lives, recover }: Script,
  base: string,
): Promise<DiskEvent[]> {
  const disk = join(base, 'disk');
  mkdirSync(join(disk, 'data'), { recursive: true });
  if (!recover) writeFileSync(join(disk, 'data', 'init'), TOKEN);
  const record = join(base, 'record');
  const control = new DiskFaults(join(base, 'faults'));
  control.set(...(faults ?? []));
  const wiring = { library: buildDisk(root), root: disk, record, faults: control.file };
  const env = { ...process.env, ...diskEnvironment(wiring) };
  const program = join(root, 'test/power/cuts/life.mjs');
  for (const life of lives.keys())
    await promisify(execFile)(process.execPath, [program, disk, `${seed}`, `${life}`], { env });
  return readRecord(record);
}

const LOSSES_MAX = 10;
const TOKEN = 'once';

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
