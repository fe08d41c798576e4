import { setTimeout as pause } from 'node:timers/promises';
import type { Session } from '@lockstep/client';
import { Group } from '../group';
import { machineMs } from '../journal';
import type { Terminal } from '../terminal';
import { bytesReceivedBy, statusOf, until } from './commands';
import { megabytes } from './empty-disk';
import { withSession } from './load';

const AT_ONCE = 64;
const SETTLE_MS = 500;

export interface MissedOperations {
  readonly operations: number;
  /** From its start to having executed them all. */
  readonly seconds: number;
  readonly bytes: number;
  readonly bytesPerOperation: number;
}

/** A backup hangs while the group goes on, dies, starts again, and has what it missed. */
export async function missOperations(
  folder: string,
  operations: number,
  terminal: Terminal,
): Promise<MissedOperations> {
  const group = await Group.start(folder);
  try {
    return await withSession(group.urls, async (session, client) => {
      await session.counters.add('missed');
      const primary = client.view?.url;
      const backup = group.actives.find(({ url }) => url !== primary);
      if (backup?.pid === null || backup?.pid === undefined) throw new Error('no backup runs');
      process.kill(backup.pid, 'SIGSTOP');
      await write(session, operations);
      terminal.line(`${backup.name} has missed ${operations} operations`);
      const target = (await statusOf(primary ?? ''))?.executed ?? 0;
      const fromMs = machineMs();
      process.kill(backup.pid, 'SIGKILL');
      await until(`${backup.name} to catch up`, async () => {
        const status = await statusOf(backup.url);
        return status?.status === 'normal' && status.executed >= target;
      });
      const seconds = Math.round((machineMs() - fromMs) / 10) / 100;
      await pause(SETTLE_MS);
      const bytes = await bytesReceivedBy(backup.url);
      terminal.line(`it has them after ${seconds} s and ${megabytes(bytes)} MB`);
      return { operations, seconds, bytes, bytesPerOperation: Math.round(bytes / operations) };
    });
  } finally {
    await group.stop();
  }
}

async function write(session: Session, operations: number): Promise<void> {
  let left = operations;
  const work = async (): Promise<void> => {
    while (left-- > 0) await session.counters.add('missed');
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}
