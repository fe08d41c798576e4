import { join } from 'node:path';
import { connect } from '@lockstep/client';
import { Group } from '../../demo/dist/group';
import type { Subject } from './subject';

/** A write is either the smallest operation there is, or a file made in a directory. */
export type Write = 'counter' | 'create';

/** A real group with its default settings, through its own client. */
export async function startLockstep(
  folder: string,
  connections: number,
  write: Write,
): Promise<Subject> {
  const group = await Group.start(join(folder, `group-${connections}-${write}`));
  const endpoints = group.urls;
  const clients = await Promise.all(
    Array.from({ length: connections }, () => connect({ endpoints, timeoutMs: 60_000 })),
  );
  const sessions = await Promise.all(clients.map((client) => client.openSession()));
  await sessions[0]!.files.mkdir('/bench').catch(() => undefined);
  const run = `${process.pid}`;
  return {
    name: `lockstep, ${write}`,
    pids: group.replicas.map(({ pid }) => pid!),
    write: (client, n) =>
      write === 'counter'
        ? sessions[client]!.counters.add(`c${client}`)
        : sessions[client]!.files.create(`/bench/${run}-${client}-${n}`, { mode: 0o644 }),
    async stop() {
      await Promise.all(clients.map((client) => client.close()));
      await group.stop();
    },
  };
}
