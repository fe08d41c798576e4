import { setTimeout as pause } from 'node:timers/promises';
import { machineMs } from '../../../demo/dist/journal';
import { cpuMsOf } from '../cpu';
import { Bystander } from './bystander';
import { Channel, pipelined } from './channel';
import { primaryOf, withGroup } from './bench-group';
import type { Latencies } from './latencies';

const LOCK = 'readers';
const TTL_MS = 600_000;
const SESSIONS = 20;
const AT_ONCE = 1_000;
const QUIET_MS = 3_000;

export interface Readers {
  readonly readers: number;
  /** From the writer's release to the first and to the last grant that a reader was told of. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** CPU time of all three replicas meanwhile, for one reader. */
  readonly cpuMicrosPerReader: number;
  /** What clients of other locks felt. */
  readonly before: Latencies;
  readonly meanwhile: Latencies;
}

/** Many readers wait behind one writer, and all of them may go when it is done. */
export async function measureReaders(readers: number): Promise<Readers> {
  return await withGroup(async (group) => {
    const grantedAtMs: number[] = [];
    const channel = await Channel.open(primaryOf(group).url, ({ kind }) => {
      if (kind === 'lock.granted') grantedAtMs.push(machineMs());
    });
    const bystander = new Bystander(group.urls);
    try {
      const writer = await channel.openSession(TTL_MS);
      const { fence } = await writer.mutate({ kind: 'acquire', lock: LOCK });
      const sessions = await Promise.all(
        Array.from({ length: SESSIONS }, () => channel.openSession(TTL_MS)),
      );
      await pipelined(readers, AT_ONCE, (n) =>
        sessions[n % SESSIONS]!.mutate({
          kind: 'acquire',
          lock: LOCK,
          mode: 'shared',
          owner: `o${n}`,
        }),
      );
      await pause(QUIET_MS);
      const pids = group.replicas.map(({ pid }) => pid!);
      const cpuMsBefore = cpuMsOf(pids);
      const startMs = machineMs();
      await writer.mutate({ kind: 'release', lock: LOCK, fence });
      while (grantedAtMs.length < readers) await pause(1);
      const cpuMs = cpuMsOf(pids) - cpuMsBefore;
      await bystander.stop();
      const lastMs = grantedAtMs.at(-1)!;
      return {
        readers,
        firstMs: grantedAtMs[0]! - startMs,
        lastMs: lastMs - startMs,
        cpuMicrosPerReader: (1000 * cpuMs) / readers,
        before: bystander.between(startMs - QUIET_MS, startMs),
        meanwhile: bystander.between(startMs, lastMs),
      };
    } finally {
      bystander.kill();
      channel.close();
    }
  });
}
