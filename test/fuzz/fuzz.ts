import { setTimeout as pause } from 'node:timers/promises';
import type { GroupHarness } from '../server/group-harness';
import { rest } from './plain-request';
import { FuzzRun, type Tally } from './fuzz-run';
import type { Finding } from './findings';
import { NormalClient } from './normal-client';
import { footprintOf, slopeOf } from './process-footprint';
import { Refusals, type RefusalFigures } from './refusals';
import { differenceOf, restoreMain, stateOf } from './stationary-state';

export interface FuzzOptions {
  readonly requests: number;
  readonly seed: number;
  readonly clients: number;
  readonly onProgress?: (line: string) => void;
}

export interface FuzzReport extends Tally {
  readonly seed: number;
  readonly findings: readonly (Finding & { readonly count: number })[];
  readonly refusals: RefusalFigures;
  readonly memory: readonly MemoryFigures[];
  readonly normalClient: LatencyFigures;
  readonly seconds: number;
}

interface MemoryFigures {
  readonly replica: number;
  readonly rssMiB: { readonly warm: number; readonly mixed: number; readonly end: number };
  /** While nothing but refusals happened. */
  readonly bytesARequest: number;
  readonly openFiles: { readonly before: number; readonly after: number };
}

interface LatencyFigures {
  readonly requests: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Of all requests those that are sent where nothing else happens, to see that they change nothing. */
const REFUSED_SHARE = 0.35;
const MEASURE_EVERY = 500;
const MIB = 1 << 20;
/** Refusals leave nothing behind; the heap of V8 breathes. */
const GROWTH_MIB_MAX = 48;
const OPEN_FILES_MORE_MAX = 8;
const QUIET_MS = 200;
const PATIENCE_MS = 60_000;

/** Fuzzes a group: everything at once, then refusals alone, then a look at what is left. */
export async function fuzz(group: GroupHarness, options: FuzzOptions): Promise<FuzzReport> {
  const { seed, onProgress = () => undefined } = options;
  const startedMs = performance.now();
  const run = await FuzzRun.at(group, seed, ({ family, fault }) => {
    onProgress(`${family}: ${fault.slice(0, 300)}`);
  });
  const openBefore = group.replicas.map(({ pid }) => footprintOf(pid ?? 0).openFiles);
  const normal = new NormalClient(group.replicas.map(({ url }) => url));
  const memory = new MemoryWatch(group);
  const refusals = new Refusals(group, run);
  try {
    await sendAll(group, run, refusals, { options, memory });
  } finally {
    await normal.stop();
    run.crashes.stop();
  }
  const state = await lookAtEnd(group, run, openBefore);
  for (const fault of [...normal.faults, ...memory.faults()])
    run.findings.add({ family: 'group', fault, command: '' });
  return {
    seed,
    ...run.tally,
    findings: run.findings.list,
    refusals: refusals.figures,
    memory: memory.figures(openBefore, state.openAfter),
    normalClient: latenciesOf(normal.latenciesMs),
    seconds: Math.round((performance.now() - startedMs) / 1000),
  };
}

async function sendAll(
  group: GroupHarness,
  run: FuzzRun,
  refusals: Refusals,
  { options, memory }: { readonly options: FuzzOptions; readonly memory: MemoryWatch },
): Promise<void> {
  const { requests, clients, onProgress = () => undefined } = options;
  const mixed = Math.round(requests * (1 - REFUSED_SHARE));
  for (let part = 0; run.tally.requests < mixed && !run.crashes.tooMany; part += 1) {
    await restoreMain((await group.primary()).url);
    await run.mixed(Math.min(MEASURE_EVERY, mixed - run.tally.requests), clients);
    memory.measure('mixed', run.tally.requests);
    if (part % 4 === 3) onProgress(lineOf(run));
  }
  await refusals.prepare();
  for (let batch = 0; run.tally.requests < requests && !run.crashes.tooMany; batch += 1) {
    await refusals.batch(clients);
    memory.measure('refused', run.tally.requests);
    if (batch % 80 === 79) onProgress(lineOf(run));
  }
}

const lineOf = ({ tally, findings }: FuzzRun): string =>
  `${tally.requests} requests, ${findings.list.length} kinds of findings`;

/** Every replica has the same state, closed what it opened, and logged no error. */
async function lookAtEnd(
  group: GroupHarness,
  run: FuzzRun,
  openBefore: readonly number[],
): Promise<{ openAfter: number[] }> {
  const add = (fault: string): void => {
    run.findings.add({ family: 'group', fault, command: '' });
  };
  for (const fault of await differencesOf(group)) add(fault);
  const deadline = performance.now() + PATIENCE_MS;
  const open = (): number[] => group.replicas.map(({ pid }) => footprintOf(pid ?? 0).openFiles);
  const tooMany = (): boolean =>
    open().some((files, at) => files > (openBefore[at] ?? 0) + OPEN_FILES_MORE_MAX);
  while (tooMany() && performance.now() < deadline) await pause(QUIET_MS);
  const openAfter = open();
  if (tooMany()) add(`open files: ${openBefore.join(', ')} before, ${openAfter.join(', ')} after`);
  for (const replica of group.replicas) for (const line of errorsIn(replica.log)) add(line);
  return { openAfter };
}

async function differencesOf(group: GroupHarness): Promise<string[]> {
  const primary = await group.primary();
  const { body } = await rest(`${primary.url}/v1/cluster/replica`);
  const atLeast = `consistency=stale&minOp=${String(body['executed'])}`;
  const [first = '', ...others] = await Promise.all(
    group.replicas.map(({ url }) => stateOf(url, atLeast)),
  );
  return others.flatMap((other, at) =>
    other === first ? [] : [`replica ${at + 1} differs from 0:\n${differenceOf(first, other)}`],
  );
}

const BAD: ReadonlySet<unknown> = new Set(['error', 'fatal']);

function errorsIn(log: string): string[] {
  return log.split('\n').flatMap((line) => {
    try {
      const { level } = JSON.parse(line) as { level: unknown };
      return BAD.has(level) ? [`logged: ${line.slice(0, 1_500)}`] : [];
    } catch {
      return [];
    }
  });
}

type Phase = 'mixed' | 'refused';

class MemoryWatch {
  private readonly group: GroupHarness;
  private readonly points: { phase: Phase; at: number; rss: number[] }[] = [];

  constructor(group: GroupHarness) {
    this.group = group;
  }

  measure(phase: Phase, at: number): void {
    const rss = this.group.replicas.map(({ pid }) => footprintOf(pid ?? 0).rssBytes);
    this.points.push({ phase, at, rss });
  }

  /** The upper half of the refusals against the lower: what grows without end shows there. */
  faults(): string[] {
    return this.group.replicas.flatMap(({ number }) => {
      const points = this.of('refused', number);
      const half = points.length >> 1;
      const growth = (meanOf(points.slice(half)) - meanOf(points.slice(0, half))) / MIB;
      return growth > GROWTH_MIB_MAX
        ? [`replica ${number} grew by ${Math.round(growth)} MiB over refusals alone`]
        : [];
    });
  }

  figures(before: readonly number[], after: readonly number[]): MemoryFigures[] {
    return this.group.replicas.map(({ number }) => {
      const mixed = this.of('mixed', number);
      const refused = this.of('refused', number);
      const inMiB = (point: { value: number } | undefined): number =>
        Math.round((point?.value ?? 0) / MIB);
      return {
        replica: number,
        rssMiB: {
          warm: inMiB(mixed[mixed.length >> 2]),
          mixed: inMiB(mixed.at(-1)),
          end: inMiB(refused.at(-1)),
        },
        bytesARequest: Math.round(slopeOf(refused)),
        openFiles: { before: before[number] ?? 0, after: after[number] ?? 0 },
      };
    });
  }

  private of(phase: Phase, replica: number): { at: number; value: number }[] {
    return this.points
      .filter((point) => point.phase === phase)
      .map(({ at, rss }) => ({ at, value: rss[replica] ?? 0 }));
  }
}

const meanOf = (points: readonly { readonly value: number }[]): number =>
  points.reduce((sum, { value }) => sum + value, 0) / Math.max(1, points.length);

function latenciesOf(latenciesMs: readonly number[]): LatencyFigures {
  const sorted = [...latenciesMs].sort((a, b) => a - b);
  const at = (part: number): number =>
    Math.round(sorted[Math.floor(part * (sorted.length - 1))] ?? 0);
  return { requests: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
}
