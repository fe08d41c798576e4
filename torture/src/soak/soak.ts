import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nowMs, pause } from '../clock';
import { Group } from '../group/group';
import { Network } from '../network/network';
import { Report } from '../report';
import { judge, pointsOf, type Judged } from './flatness';
import { Load } from './load';
import { plot } from './plot';
import { csvOf, sampleOf, type Sample } from './sample';

export interface SoakOptions {
  readonly minutes: number;
  readonly seed: number;
  /** Calls a second; undefined: half of what the group does. */
  readonly rate: number | undefined;
  /** Where samples and picture are written. */
  readonly output: string;
  readonly json: boolean;
}

export interface SoakResult {
  readonly verdict: 'flat' | 'not flat';
  readonly minutes: number;
  readonly most: number | undefined;
  readonly rate: number;
  readonly calls: number;
  readonly failures: number;
  readonly deaths: readonly string[];
  readonly judged: readonly Judged[];
  readonly csv: string;
  readonly svg: string;
}

const START_MS = 120_000;
const STOP_MS = 20_000;
const SAMPLE_MS = 10_000;
const MEASURED_MS = 15_000;
const AT_ONCE = 64;
const TOLD_EVERY = 6;

/** Half of what the group can do, for hours; nothing may grow. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-soak-'));
  const deaths: string[] = [];
  const group = await Group.make({
    folder: join(folder, 'group'),
    replicas: 3,
    witnesses: 0,
    network: new Network(),
    onDeath: ({ name }, how) => deaths.push(`${name}: ${how}`),
    library: undefined,
  });
  const interrupted = (): void => {
    group.destroy();
    process.exit(130);
  };
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  try {
    if (!(await group.whole(START_MS))) throw new Error('the group did not start');
    const result = await carryOut(options, group, deaths);
    await group.stop(STOP_MS);
    await rm(folder, { recursive: true, force: true });
    return result;
  } finally {
    group.destroy();
  }
}

async function carryOut(
  options: SoakOptions,
  group: Group,
  deaths: readonly string[],
): Promise<SoakResult> {
  const report = new Report(options.json);
  const load = new Load(options.seed);
  await load.open(group.doors);
  const most = options.rate === undefined ? await load.most(AT_ONCE, MEASURED_MS) : undefined;
  const rate = options.rate ?? (most ?? 0) / 2;
  const measured = most === undefined ? '' : `, half of ${most.toFixed(0)}`;
  report.line('rate', `${rate.toFixed(0)} calls a second${measured}`);
  load.run(rate);
  const samples = await sampled(options, group, load, report);
  await load.stop();
  const judged = judge(samples);
  const files = await write(options.output, samples);
  const failures = samples.reduce((sum, each) => sum + each.failures, 0);
  const isFlat = judged.every((each) => each.isFlat) && deaths.length === 0 && failures === 0;
  return {
    verdict: isFlat ? 'flat' : 'not flat',
    minutes: options.minutes,
    most,
    rate,
    calls: samples.reduce((sum, each) => sum + each.calls, 0),
    failures,
    deaths,
    judged,
    ...files,
  };
}

async function sampled(
  { minutes, output }: SoakOptions,
  group: Group,
  load: Load,
  report: Report,
): Promise<Sample[]> {
  const samples: Sample[] = [];
  const startMs = nowMs();
  while (nowMs() < startMs + minutes * 60_000) {
    await pause(Math.min(SAMPLE_MS, Math.max(0, startMs + minutes * 60_000 - nowMs())));
    const sample = await sampleOf(group, (nowMs() - startMs) / 60_000, load.look());
    samples.push(sample);
    // What there is by now survives whatever ends this program.
    if (samples.length % TOLD_EVERY === 1) await write(output, samples);
    if (samples.length % TOLD_EVERY === 1) report.line('sample', told(sample));
  }
  return samples;
}

function told({ calls, failures, p50Ms, p99Ms, replicas }: Sample): string {
  const memory = replicas.map(({ residentBytes }) => mb(residentBytes)).join(' ');
  const files = replicas.map(({ folderBytes }) => mb(folderBytes)).join(' ');
  return `${calls} calls, ${failures} failed, p50 ${p50Ms.toFixed(1)} p99 ${p99Ms.toFixed(1)} ms, memory ${memory} MB, files ${files} MB`;
}

const MEGABYTE = 2 ** 20;
const mb = (bytes: number): string => (bytes / MEGABYTE).toFixed(0);

async function write(output: string, samples: readonly Sample[]) {
  const files = { csv: `${output}.csv`, svg: `${output}.svg` };
  await writeFile(files.csv, csvOf(samples));
  await writeFile(files.svg, pictureOf(samples));
  return files;
}

function pictureOf(samples: readonly Sample[]): string {
  const replicas = samples[0]?.replicas ?? [];
  const inMegabytes = (key: 'residentBytes' | 'heapBytes' | 'folderBytes') =>
    replicas.map(({ name }, n) => ({
      name,
      points: pointsOf(samples, (sample) => (sample.replicas[n]?.[key] ?? NaN) / MEGABYTE),
    }));
  return plot('Soak at a steady rate', [
    { title: 'Resident memory', unit: 'MB', series: inMegabytes('residentBytes') },
    { title: 'Heap', unit: 'MB', series: inMegabytes('heapBytes') },
    { title: 'Files', unit: 'MB', series: inMegabytes('folderBytes') },
    {
      title: 'Latency',
      unit: 'ms',
      series: [
        { name: 'p50', points: pointsOf(samples, ({ p50Ms }) => p50Ms) },
        { name: 'p99', points: pointsOf(samples, ({ p99Ms }) => p99Ms) },
      ],
    },
  ]);
}
