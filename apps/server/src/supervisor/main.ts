import { join } from 'node:path';
import { roleAtFirst } from '../config/replica-role';
import { ConfigError, EXIT_FAILED, EXIT_REFUSED } from '../config/replica-config';
import { schemeOf } from '../config/exposure';
import type { Scheme } from '../config/loopback';
import { loadSettings } from '../config/settings/load-settings';
import type { Settings } from '../config/settings/settings';
import type { Group } from '../group-folder/group';
import { lockGroup, type GroupLock } from '../group-folder/group-lock';
import { makeFolder } from '../group-folder/make-folder';
import { planGroup } from '../group-folder/open-group';
import type { DurabilityMode } from '../storage/replica-storage';
import { reasonOf } from '../storage/fault';
import { GroupSupervisor } from './group-supervisor';
import { readOptions, sizeWarning, type SupervisedOptions } from './options';
import { expectFreePorts } from './ports';
import { standardOutput as terminal } from './terminal';

/** What the group gives its word for. (decisions 16 and 32) */
const PROMISE: Record<DurabilityMode, string> = {
  durable:
    'what is acknowledged is on the disks of a majority: it survives a crash of all replicas at once, a power cut included',
  replicated:
    'what is acknowledged is in the memory of a majority: it survives the loss of a minority at a time, and a clean stop; if a majority crashes at once, the group waits for an operator',
};

/** Replicas of a supervisor that was killed notice at once, and need this long to end. */
const STALE_PATIENCE_MS = 10_000;
const KILLED_AT_ONCE = 130;

void run();

async function run(): Promise<void> {
  try {
    const options = readOptions(process.argv.slice(2));
    if (options !== undefined) await superviseGroup(options);
  } catch (fault) {
    const known = fault instanceof ConfigError;
    process.stderr.write(`lockstep: ${reasonOf(fault)}\n`);
    process.exitCode = known ? EXIT_REFUSED : EXIT_FAILED;
  }
}

async function superviseGroup({ wanted, config }: SupervisedOptions): Promise<void> {
  const settings = await loadSettings({ file: config });
  if (config !== undefined) expectShared(config, settings);
  const lock = await lockFolder(wanted.folder);
  try {
    const plan = await planGroup({ ...wanted, scheme: schemeIn(settings) });
    if (plan.scheme === 'https' && schemeIn(settings) === undefined)
      throw new ConfigError(
        '--config',
        `the addresses in ${wanted.folder} are https: give the settings with tls, or tls: {mode: off} to leave it`,
      );
    await expectFreePorts(plan.host, plan.ports, lock.wasStale ? STALE_PATIENCE_MS : 0);
    const group = await plan.carryOut();
    introduce(group, plan.isNew);
    const supervisor = new GroupSupervisor({
      group,
      program: join(__dirname, '..', 'main.js'),
      terminal,
      ...(config !== undefined && { config }),
    });
    const stopped = untilStopped(supervisor);
    supervisor.start();
    process.exitCode = await stopped;
  } finally {
    lock.release();
  }
}

/** A fault in it is told once, here; what each replica has for itself its folder says. */
function expectShared(file: string, { data, listen }: Settings): void {
  if (data !== undefined)
    throw new ConfigError(`${file}: data`, 'each replica has its own: leave it out');
  if (listen.host !== undefined || listen.port !== undefined)
    throw new ConfigError(`${file}: listen`, 'each replica has its own: use --host and --port');
}

/** Undefined where nothing is said of TLS: as the folder says. */
const schemeIn = (settings: Settings): Scheme | undefined =>
  settings.tls === undefined ? undefined : schemeOf(settings);

async function lockFolder(folder: string): Promise<GroupLock> {
  try {
    await makeFolder(folder);
    return lockGroup(folder);
  } catch (fault) {
    if (fault instanceof ConfigError) throw fault;
    throw new ConfigError('--data', `${folder} cannot be written: ${reasonOf(fault)}`);
  }
}

function introduce(group: Group, isNew: boolean): void {
  const first = group.replicas[0];
  if (first === undefined) throw new RangeError('a group has replicas');
  const size = group.replicas.length;
  const witnesses = group.replicas.filter((each) => roleAtFirst(each) === 'witness').length;
  const among = witnesses === 0 ? '' : `, ${witnesses} of them witness${witnesses > 1 ? 'es' : ''}`;
  terminal.event(
    'group',
    `${first.groupId}, ${isNew ? 'new' : 'found again'}, ${size} replicas${among}`,
  );
  terminal.event('data', group.folder);
  terminal.event('mode', `${first.mode}: ${PROMISE[first.mode]}`);
  // Of a group that has been changed, only its replicas know how many are members.
  const warning = isNew ? sizeWarning(size) : undefined;
  if (warning !== undefined) terminal.event('warning', warning);
}

/** One Ctrl-C may come twice: from the terminal, and passed on by the process that started this one. */
const SAME_KEYPRESS_MS = 500;

/** Resolves with the exit code once the group has stopped, asked for or not. */
function untilStopped(supervisor: GroupSupervisor): Promise<number> {
  return new Promise((resolve) => {
    let asked = 0;
    let askedAtMs = Number.NEGATIVE_INFINITY;
    const onSignal = (): void => {
      if (performance.now() - askedAtMs < SAME_KEYPRESS_MS) return;
      askedAtMs = performance.now();
      asked += 1;
      if (asked === 2) {
        terminal.line('kills the group');
        supervisor.kill();
      }
      if (asked > 1) return;
      terminal.line('stops the group: backups first, the primary last');
      void supervisor.stop().then(() => {
        if (asked === 1) terminal.line('stopped');
        resolve(asked === 1 ? 0 : KILLED_AT_ONCE);
      });
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
    void supervisor.allDown.then(async () => {
      terminal.line('no replica can run');
      await supervisor.stop();
      resolve(EXIT_FAILED);
    });
  });
}
