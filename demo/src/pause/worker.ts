import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import {
  connect,
  SessionExpiredError,
  type Client,
  type Lock,
  type Session,
} from '@lockstep/client';
import type { PauseOrders } from './workers';

const THINK_MS_MAX = 20;

let stopping = false;
process.on('message', (message) => {
  if (message === 'stop') stopping = true;
});
// The demo is gone, or this process has let it go at the end.
process.on('disconnect', () => process.exit(stopping ? 0 : 1));

/** Adds 1 to the counter under the lock, again and again, and does everything right that a client can do. */
async function work(orders: PauseOrders): Promise<void> {
  const client = await connect({ endpoints: orders.endpoints });
  let session: Session | undefined;
  while (!stopping) {
    try {
      session ??= await openSession(client, orders);
      const lock = await session.locks.acquire(orders.lock, { note: orders.name });
      if (await addOne(orders, lock)) process.send?.('acknowledged');
      await lock.release();
    } catch (error) {
      if (!(error instanceof SessionExpiredError)) throw error;
      session = undefined;
    }
  }
  await client.close();
  process.disconnect();
}

const openSession = (client: Client, { name, ttlMs }: PauseOrders): Promise<Session> =>
  client.openSession({ name, ttlMs });

/** Read, think, look whether the lock is still ours, write. Whatever happens after the look, happens. */
async function addOne({ name, url }: PauseOrders, lock: Lock): Promise<boolean> {
  const value = Number(await (await fetch(url)).text());
  await pause(Math.random() * THINK_MS_MAX);
  lock.assertHeld();
  return write(url, String(value + 1), { worker: name, fence: lock.fence.toString() });
}

/** True when the counter has taken it, false when it has refused. */
async function write(
  url: string,
  value: string,
  head: { readonly worker: string; readonly fence: string },
): Promise<boolean> {
  const sent = request(url, { method: 'PUT', headers: { ...head, expect: '100-continue' } });
  sent.once('continue', () => sent.end(value));
  sent.flushHeaders();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode === 204;
}

work(JSON.parse(process.argv[2] ?? '{}') as PauseOrders).catch((error: unknown) => {
  process.stderr.write(`worker: ${String(error)}\n`);
  process.exit(1);
});
