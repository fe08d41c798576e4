import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Chance } from './chance';
import { nowMs } from './clock';
import { CATALOGUE } from './faults/catalogue';
import { Schedule } from './faults/schedule';
import type { World } from './faults/world';
import { Findings, type Finding } from './findings';
import { buildDisk, canDisksFail } from './group/disk';
import { digestsOf } from './group/digests';
import { Group } from './group/group';
import type { Replica } from './group/replica';
import { RealTime } from './history/real-time';
import { Network } from './network/network';
import { Prober } from './prober';
import { Report } from './report';
import { Resources } from './resources';
import { countedBy, type Parts, type TortureResult } from './result';
import { Counts } from './work/subject';
import { Workload } from './workload';

export interface TortureOptions {
  readonly minutes: number;
  readonly seed: number;
  /** Undefined: drawn by the seed. */
  readonly replicas: number | undefined;
  readonly witnesses: number | undefined;
  /** Names of the catalogue. */
  readonly faults: readonly string[];
  readonly boundSeconds: number;
  readonly keep: boolean;
  readonly json: boolean;
}

const DISK_FAULTS = ['full-disk', 'kill-unwritten'];
const START_MS = 120_000;
/** On a machine on which a start takes long, so does what comes back from a crash. */
const STARTS_PATIENCE = 4;
const END_MS = 180_000;
const END_AFTER_FINDING_MS = 20_000;
const STOP_MS = 20_000;

/** One run. Throws when it could not be carried through. */
export async function torture(options: TortureOptions): Promise<TortureResult> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-torture-'));
  const run = new Run(options, folder);
  const interrupted = (): void => {
    run.destroy();
    process.exit(130);
  };
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  try {
    return await run.carryOut();
  } finally {
    run.destroy();
    process.removeListener('SIGINT', interrupted);
    process.removeListener('SIGTERM', interrupted);
  }
}

class Run {
  readonly #options: TortureOptions;
  readonly #folder: string;
  readonly #report: Report;
  readonly #findings: Findings;
  readonly #network = new Network();
  readonly #expected = new Set<Replica>();
  #group: Group | undefined;
  /** How long the group took to start: the measure of this machine, and of its load. */
  #startedMs = 0;

  constructor(options: TortureOptions, folder: string) {
    this.#options = options;
    this.#folder = folder;
    this.#report = new Report(options.json);
    this.#findings = new Findings((finding) => this.#tellFinding(finding));
  }

  async carryOut(): Promise<TortureResult> {
    const { minutes, seed } = this.#options;
    const stalls = monitorEventLoopDelay({ resolution: 20 });
    stalls.enable();
    const size = sizeOf(this.#options);
    const group = await this.#startGroup(size);
    const parts = this.#partsOf(group);
    const { workload, prober, resources } = parts;
    workload.start();
    await prober.serves(START_MS);
    await this.#scheduleOf(group, prober).until(nowMs() + minutes * 60_000);
    this.#network.clearAll();
    this.#report.line('end', 'all faults are over; clients finish, and everything is looked at');
    await group.whole(this.#findings.count === 0 ? END_MS : END_AFTER_FINDING_MS);
    await workload.stop();
    await prober.stop();
    const lastLooks = await workload.lookAtAll();
    await workload.close();
    resources.stop();
    const digest = await this.#compareDigests(group);
    await this.#stopGroup(group);
    stalls.disable();
    return {
      verdict: this.#findings.count === 0 ? 'sound' : 'failed',
      seed,
      minutes,
      ...size,
      ...countedBy(parts),
      lastLooks,
      harnessStallMs: Math.round(stalls.max / 1e6),
      digest,
      findings: this.#findings.list,
      folder: await this.#keepOrRemove(),
    };
  }

  destroy(): void {
    this.#group?.destroy();
  }

  async #startGroup(size: {
    readonly replicas: number;
    readonly witnesses: number;
  }): Promise<Group> {
    const folder = join(this.#folder, 'group');
    const onDeath = (replica: Replica, how: string): void => this.#onDeath(replica, how);
    const network = this.#network;
    const needsDisks = DISK_FAULTS.some((name) => this.#options.faults.includes(name));
    const library = needsDisks && canDisksFail ? await buildDisk(this.#folder) : undefined;
    const group = await Group.make({ folder, ...size, network, onDeath, library });
    this.#group = group;
    const witnesses = size.witnesses === 0 ? '' : `, ${size.witnesses} of them witnesses`;
    this.#report.line('start', `${size.replicas} replicas${witnesses}, data in ${this.#folder}`);
    const fromMs = nowMs();
    if (!(await group.whole(START_MS))) throw new Error('the group did not start');
    this.#startedMs = nowMs() - fromMs;
    return group;
  }

  #partsOf(group: Group): Parts {
    const counts = new Counts();
    const findings = this.#findings;
    const urls = (): readonly string[] => group.doors;
    const court = { findings, realTime: new RealTime(), counts };
    return {
      counts,
      workload: new Workload(urls, this.#options.seed, court),
      prober: new Prober(urls),
      report: this.#report,
      resources: new Resources(group, findings),
    };
  }

  #scheduleOf(group: Group, prober: Prober): Schedule {
    const { seed, faults, boundSeconds } = this.#options;
    return new Schedule({
      world: this.#worldOf(group),
      kinds: CATALOGUE.filter(({ name }) => faults.includes(name)),
      chance: new Chance(seed, 'schedule'),
      prober,
      findings: this.#findings,
      report: this.#report,
      boundMs: Math.max(boundSeconds * 1000, STARTS_PATIENCE * this.#startedMs),
    });
  }

  #worldOf(group: Group): World {
    return {
      group,
      network: this.#network,
      chance: new Chance(this.#options.seed, 'faults'),
      busy: new Set(),
      damaged: undefined,
      isChanging: false,
      expected: this.#expected,
      count: this.#report.count,
    };
  }

  #onDeath(replica: Replica, how: string): void {
    if (this.#expected.has(replica)) return;
    this.#findings.add('no replica dies by itself', `${replica.name}: ${how}`, [
      `its log: ${replica.logFile}`,
    ]);
  }

  async #compareDigests(group: Group): Promise<string> {
    const digests = await digestsOf(group);
    const all = Object.values(digests);
    if (new Set(all).size !== 1)
      this.#findings.add(
        'replicas are equal',
        'their states differ at one op',
        Object.entries(digests).map(([name, digest]) => `${name}  ${digest}`),
      );
    return all[0] ?? '';
  }

  async #stopGroup(group: Group): Promise<void> {
    const codes = await group.stop(STOP_MS);
    const wrong = codes.filter(([, code]) => code !== 0);
    for (const [name, code] of wrong)
      this.#findings.add('stops in order', `${name} ended with ${code ?? 'a signal'}`);
  }

  #tellFinding({ check, what, evidence }: Finding): void {
    this.#report.line('FINDING', `${check}: ${what}`);
    for (const line of evidence) this.#report.line('', line);
  }

  /** Where logs and findings are, when they are kept. */
  async #keepOrRemove(): Promise<string | undefined> {
    const folder = this.#folder;
    if (this.#findings.count === 0 && !this.#options.keep) {
      await rm(folder, { recursive: true, force: true });
      return undefined;
    }
    const path = join(folder, 'findings.json');
    await writeFile(path, `${JSON.stringify(this.#findings.list, null, 2)}\n`);
    return folder;
  }
}

/** Three, or two and a witness, or five: by the seed, unless it is said. */
function sizeOf({ seed, replicas, witnesses }: TortureOptions) {
  const drawn = new Chance(seed, 'size').of([
    { replicas: 3, witnesses: 0 },
    { replicas: 3, witnesses: 1 },
    { replicas: 5, witnesses: 0 },
  ]);
  if (replicas === undefined) return drawn;
  return { replicas, witnesses: witnesses ?? 0 };
}
