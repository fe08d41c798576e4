import { setTimeout as pause } from 'node:timers/promises';
import { digestsOf } from '../digests';
import { Group } from '../group';
import { machineMs } from '../journal';
import type { Terminal } from '../terminal';
import { isUp, joinReplica, leave, reconfigure } from './commands';
import { Load } from './load';

const QUIET_MS = 2_000;

export interface Change {
  readonly to: readonly number[];
  /** From the command to its end: the new replicas catch up, the epoch changes. */
  readonly seconds: number;
  /** The longest time in which no client was answered. */
  readonly pauseMs: number;
}

export interface ReplacedMembers {
  readonly acknowledged: number;
  readonly lost: number;
  readonly doubled: number;
  readonly changes: readonly Change[];
  readonly longestPauseMs: number;
  /** The longest time without an answer while the group was left alone, on the same machine. */
  readonly pauseAtRestMs: number;
  readonly replicasAreEqual: boolean;
  readonly faults: readonly string[];
}

/** Three replicas become five, and these three others, while clients write all the time. */
export async function replaceMembers(
  folder: string,
  clients: number,
  terminal: Terminal,
): Promise<ReplacedMembers> {
  const group = await Group.start(folder);
  try {
    const load = new Load(group.urls, clients);
    await pause(QUIET_MS);
    const restFromMs = machineMs();
    await pause(2 * QUIET_MS);
    const pauseAtRestMs = Math.round(load.longestPause(restFromMs, machineMs()));
    terminal.line(`three replicas, ${clients} clients; longest pause at rest ${pauseAtRestMs} ms`);
    const changes: Change[] = [];
    const change = async (to: readonly number[]): Promise<void> => {
      const changed = await changeGroup(group, load, to);
      changes.push(changed);
      terminal.line(
        `replicas ${to.join(', ')} after ${changed.seconds} s, longest pause ${changed.pauseMs} ms`,
      );
    };
    const added = await joinAll(group, 2);
    await change([0, 1, 2, ...added]);
    const others = await joinAll(group, 3);
    await change(others);
    for (const number of [0, 1, 2, ...added]) await leave(group, number);
    terminal.line('the replicas of before are stopped; clients go on');
    await pause(QUIET_MS);
    const acknowledged = load.acknowledged;
    const counted = await load.stop(group.urls);
    const digests = await digestsOf(group.actives);
    return {
      acknowledged,
      ...counted,
      changes,
      longestPauseMs: Math.max(...changes.map(({ pauseMs }) => pauseMs)),
      pauseAtRestMs,
      replicasAreEqual: new Set(Object.values(digests)).size === 1,
      faults: load.faults,
    };
  } finally {
    await group.stop();
  }
}

async function joinAll(group: Group, count: number): Promise<number[]> {
  const numbers: number[] = [];
  for (let n = 0; n < count; n++) numbers.push(await joinReplica(group));
  for (const number of numbers) await isUp(group, number);
  return numbers;
}

async function changeGroup(group: Group, load: Load, to: readonly number[]): Promise<Change> {
  const fromMs = machineMs();
  await reconfigure(group, to);
  const seconds = Math.round((machineMs() - fromMs) / 10) / 100;
  await pause(QUIET_MS);
  return { to, seconds, pauseMs: Math.round(load.longestPause(fromMs, machineMs())) };
}
