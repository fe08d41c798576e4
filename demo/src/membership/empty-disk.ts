import { fileOperation, type Session } from '@lockstep/client';
import { setTimeout as pause } from 'node:timers/promises';
import { Group } from '../group';
import { machineMs } from '../journal';
import type { Terminal } from '../terminal';
import {
  bytesReceivedBy,
  isUp,
  joinReplica,
  reconfigure,
  statusOf,
  until,
  urlOfReplica,
} from './commands';
import { Load, withSession } from './load';

const PER_FOLDER = 1_000;
const BATCHES_AT_ONCE = 4;
const QUIET_MS = 5_000;

export interface EmptyDisk {
  readonly inodes: number;
  /** From the first message to a replica that has all of it. */
  readonly seconds: number;
  readonly bytes: number;
  /** What clients felt, in milliseconds: beforehand, and while the new replica was fed. */
  readonly p99BeforeMs: number;
  readonly p99MeanwhileMs: number;
  readonly longestPauseMs: number;
  readonly becameMemberSeconds: number;
  readonly acknowledged: number;
  readonly lost: number;
  readonly faults: readonly string[];
}

/** A replica with an empty disk joins a group that holds so many inodes, while clients write. */
export async function joinWithEmptyDisk(
  folder: string,
  { inodes, clients }: { readonly inodes: number; readonly clients: number },
  terminal: Terminal,
): Promise<EmptyDisk> {
  const group = await Group.start(folder);
  try {
    await withSession(group.urls, (session) => fill(session, inodes, terminal));
    await checkpoint(group);
    const load = new Load(group.urls, clients);
    await pause(QUIET_MS);
    const beforeMs = machineMs();
    await pause(2 * QUIET_MS);
    const fromMs = machineMs();
    const number = await joinReplica(group);
    await isUp(group, number);
    const startMs = machineMs();
    const url = urlOfReplica(group, number);
    await hasAll(group, url);
    const toMs = machineMs();
    const bytes = await bytesReceivedBy(url);
    const seconds = secondsOf(toMs - startMs);
    terminal.line(`replica ${number} holds all after ${seconds} s and ${megabytes(bytes)} MB`);
    await reconfigure(group, [0, 1, number]);
    const memberMs = machineMs();
    const acknowledged = load.acknowledged;
    const { lost } = await load.stop(group.urls);
    return {
      inodes,
      seconds,
      bytes,
      p99BeforeMs: round(load.p99(beforeMs, fromMs)),
      p99MeanwhileMs: round(load.p99(fromMs, toMs)),
      longestPauseMs: round(load.longestPause(fromMs, memberMs)),
      becameMemberSeconds: secondsOf(memberMs - toMs),
      acknowledged,
      lost,
      faults: load.faults,
    };
  } finally {
    await group.stop();
  }
}

/** Whole, and where the group was when it was asked. */
async function hasAll(group: Group, url: string): Promise<void> {
  const target = (await statusOf(group.urls[0]!))?.executed ?? 0;
  await until('the new replica to hold everything', async () => {
    const status = await statusOf(url);
    return status?.stateWhole === true && status.executed >= target;
  });
}

async function fill(session: Session, inodes: number, terminal: Terminal): Promise<void> {
  const folders = Math.ceil(inodes / PER_FOLDER);
  let next = 0;
  await session.files.mkdir('/fill');
  const work = async (): Promise<void> => {
    while (next < folders) {
      const folder = `/fill/${next++}`;
      const count = PER_FOLDER - 1;
      await session.files.batch([
        fileOperation.mkdir(folder),
        ...Array.from({ length: count }, (_, n) => fileOperation.create(`${folder}/${n}`)),
      ]);
      terminal.counting('inodes', next * PER_FOLDER);
    }
  };
  await Promise.all(Array.from({ length: BATCHES_AT_ONCE }, work));
  terminal.line(`the group holds ${folders * PER_FOLDER} inodes`);
}

/** Taken at every replica before the load begins, so that what is measured is the join. */
async function checkpoint(group: Group): Promise<void> {
  const response = await fetch(`${group.urls[0]!}/v1/cluster/checkpoint`, { method: 'POST' });
  const { op } = (await response.json()) as { readonly op: string };
  await until('the checkpoint', async () => {
    const all = await Promise.all(
      group.urls.map(async (url) => {
        const status = await fetch(`${url}/v1/cluster/replica`);
        return ((await status.json()) as { checkpoint: string | null }).checkpoint;
      }),
    );
    return all.every((each) => Number(each) >= Number(op));
  });
}

const round = (ms: number): number => Math.round(ms * 10) / 10;
const secondsOf = (ms: number): number => Math.round(ms / 10) / 100;
export const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
