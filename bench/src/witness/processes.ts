import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@lockstep/client';
import { Group, type Replica } from '../../../demo/dist/group';
import { cpuMsOf } from '../cpu';
import { runRound } from '../load';
import type { Subject } from '../subject';
import { bytesIn, forgetPeakRss, peakRssOf } from './usage';

export interface Load {
  readonly seconds: number;
  readonly connections: number;
  readonly concurrency: number;
}

/** What one replica process has used in a part of the run. */
export interface ProcessCosts {
  readonly replica: string;
  readonly role: 'primary' | 'backup' | 'witness';
  readonly cpuSeconds: number;
  readonly cpuMicrosPerWrite: number;
  readonly peakRssBytes: number;
  /** All that is in its folder at the end, its log for people included. */
  readonly folderBytes: number;
}

export interface Part {
  readonly name: string;
  readonly writes: number;
  readonly writesPerSecond: number;
  /** How often the primary has called the witness in. */
  readonly enlistments: number;
  readonly replicas: readonly ProcessCosts[];
}

/** The first seconds of a process are spent compiling. */
const WARM_UP_SECONDS = 5;

export async function measureNormal(load: Load): Promise<Part> {
  return await withGroup(load.connections, (group, subject) =>
    measure('both actives run', group, subject, load),
  );
}

/** The active that is not the primary is stopped first of all, so that the witness is as warm as the active it stands in for. */
export async function measureStandIn(load: Load): Promise<Part> {
  return await withGroup(load.connections, async (group, subject) => {
    const { pid } = ofRole(group, 'backup');
    process.kill(pid!, 'SIGSTOP');
    try {
      return await measure('one active is stopped', group, subject, load);
    } finally {
      process.kill(pid!, 'SIGCONT');
    }
  });
}

/** A group of its own for every part, so that peaks and folders are those of the part. */
async function withGroup(
  connections: number,
  work: (group: Group, subject: Subject) => Promise<Part>,
): Promise<Part> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-bench-'));
  try {
    const group = await Group.start(join(folder, 'group'), ['--witnesses', '1']);
    try {
      const subject = await subjectOf(group, connections);
      return await work(group, subject).finally(() => subject.stop());
    } finally {
      await group.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Clients of the client channel that make files. */
async function subjectOf(group: Group, connections: number): Promise<Subject> {
  const clients = await Promise.all(
    Array.from({ length: connections }, () =>
      connect({ endpoints: group.urls, timeoutMs: 60_000 }),
    ),
  );
  const sessions = await Promise.all(clients.map((client) => client.openSession()));
  await sessions[0]!.files.mkdir('/bench');
  return {
    name: 'create',
    pids: group.replicas.map(({ pid }) => pid!),
    write: (client, n) => sessions[client]!.files.create(`/bench/${client}-${n}`),
    stop: async () => {
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}

async function measure(name: string, group: Group, subject: Subject, load: Load): Promise<Part> {
  await runRound(subject, { ...load, seconds: WARM_UP_SECONDS });
  const replicas = group.replicas;
  const primary = ofRole(group, 'primary').id;
  const cpuBefore = replicas.map(({ pid }) => cpuMsOf([pid!]));
  const enlistedBefore = enlistmentsIn(group);
  for (const { pid } of replicas) forgetPeakRss(pid!);
  const round = await runRound(subject, load);
  if (ofRole(group, 'primary').id !== primary) throw new Error('the primary changed meanwhile');
  const writes = Math.round(round.perSecond * load.seconds);
  return {
    name,
    writes,
    writesPerSecond: round.perSecond,
    enlistments: enlistmentsIn(group) - enlistedBefore,
    replicas: replicas.map((replica, at) => costsOf(group, replica, cpuBefore[at]!, writes)),
  };
}

function costsOf(group: Group, replica: Replica, cpuMsBefore: number, writes: number) {
  const cpuMs = cpuMsOf([replica.pid!]) - cpuMsBefore;
  return {
    replica: replica.name,
    role: roleIn(group, replica),
    cpuSeconds: cpuMs / 1000,
    cpuMicrosPerWrite: (1000 * cpuMs) / writes,
    peakRssBytes: peakRssOf(replica.pid!),
    folderBytes: bytesIn(folderOf(group, replica)),
  };
}

function roleIn(group: Group, { id, role }: Replica): ProcessCosts['role'] {
  if (role === 'witness') return 'witness';
  return group.primary === id ? 'primary' : 'backup';
}

function ofRole(group: Group, role: ProcessCosts['role']): Replica {
  const found = group.replicas.find((replica) => roleIn(group, replica) === role);
  if (found === undefined) throw new Error(`the group has no ${role}`);
  return found;
}

function enlistmentsIn(group: Group): number {
  const logs = group.replicas.map((replica) =>
    readFileSync(join(folderOf(group, replica), 'replica.log'), 'utf8'),
  );
  return logs.join('\n').split('"text":"enlists the witnesses').length - 1;
}

const folderOf = (group: Group, { name }: Replica): string =>
  join(group.folder, name.replace(' ', '-'));
