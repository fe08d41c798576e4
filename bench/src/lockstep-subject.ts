import { join } from 'node:path';
import { connect } from '@lockstep/client';
import { Group } from '../../demo/dist/group';
import type { Subject } from './subject';

/**
 * A real group with its default settings, through its own client, measured by two kinds of write: the smallest
 * operation there is, and a file made in a directory.
 */
export async function startLockstep(folder: string, connections: number): Promise<Subject[]> {
  const group = await Group.start(join(folder, `group-${connections}`));
  const endpoints = group.urls;
  const clients = await Promise.all(
    Array.from({ length: connections }, () => connect({ endpoints, timeoutMs: 60_000 })),
  );
  const sessions = await Promise.all(clients.map((client) => client.openSession()));
  await sessions[0]!.files.mkdir('/bench');
  const pids = group.replicas.map(({ pid }) => pid!);
  const stop = async (): Promise<void> => {
    await Promise.all(clients.map((client) => client.close()));
    await group.stop();
  };
  return [
    {
      name: 'lockstep, counter',
      pids,
      write: (client) => sessions[client]!.counters.add(`c${client}`),
      stop,
    },
    {
      name: 'lockstep, create',
      pids,
      write: (client, n) => sessions[client]!.files.create(`/bench/${client}-${n}`),
      stop: () => Promise.resolve(),
    },
  ];
}
