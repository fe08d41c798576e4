import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { freePorts } from '../../demo/dist/ports';
import { SkeletonClient } from './skeleton/client';
import type { Subject } from './subject';

/** The bare skeleton: what this stack can do without any of the work. */
export async function startSkeleton(folder: string, connections: number): Promise<Subject> {
  const port = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const replicas: ChildProcess[] = [];
  for (const role of ['primary', 'backup', 'backup']) {
    const log = join(folder, `skeleton-${replicas.length}.log`);
    const args = [role, String(port), log, url];
    const replica = fork(join(__dirname, 'skeleton/replica.js'), args);
    await new Promise((resolve, reject) => {
      replica.once('message', resolve);
      replica.once('exit', (code) => reject(new Error(`the skeleton ended with ${code}`)));
    });
    replicas.push(replica);
  }
  const clients = Array.from({ length: connections }, () => new SkeletonClient(url));
  await Promise.all(clients.map((client) => client.put('warm', '')));
  return {
    name: 'skeleton',
    pids: replicas.map(({ pid }) => pid!),
    write: (client, n) => clients[client]!.put(`/bench/${client}-${n}`, 'file 0644 0 0'),
    async stop() {
      for (const client of clients) client.close();
      const exits = replicas.map((replica) => new Promise((done) => replica.once('exit', done)));
      for (const replica of replicas) replica.disconnect();
      await Promise.all(exits);
    },
  };
}
