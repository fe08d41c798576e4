import { setTimeout as pause } from 'node:timers/promises';
import { connect, type Session } from '@lockstep/client';
import { machineMs } from '../../../demo/dist/journal';
import type { Answered } from './bystander';

const TASKS = 4;
const PAUSE_MS = 2;
const REPORT_MS = 100;
const TIMEOUT_MS = 60_000;

let stopping = false;
process.on('message', (message) => {
  if (message === 'stop') stopping = true;
});
process.on('disconnect', () => process.exit(stopping ? 0 : 1));

/** A few tasks that take and give back a lock of their own, all the time, and note how long each operation took. */
async function stand(endpoints: readonly string[]): Promise<void> {
  const client = await connect({ endpoints, timeoutMs: TIMEOUT_MS });
  const session = await client.openSession({ ttlMs: TIMEOUT_MS });
  let answered: Answered[] = [];
  const tell = (): void => {
    process.send?.(answered);
    answered = [];
  };
  const telling = setInterval(tell, REPORT_MS);
  const tasks = Array.from({ length: TASKS }, (_, n) =>
    lockAndUnlock(session, `bystander-${n}`, (one) => answered.push(one)),
  );
  await Promise.all(tasks);
  clearInterval(telling);
  tell();
  await client.close();
  process.disconnect();
}

async function lockAndUnlock(
  session: Session,
  name: string,
  note: (answered: Answered) => void,
): Promise<void> {
  const timed = async <T>(work: () => Promise<T>): Promise<T> => {
    const startMs = machineMs();
    const result = await work();
    const atMs = machineMs();
    note({ atMs, tookMs: atMs - startMs });
    return result;
  };
  while (!stopping) {
    const lock = await timed(() => session.locks.acquire(name));
    await timed(() => lock.release());
    await pause(PAUSE_MS);
  }
}

stand(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`bystander: ${String(error)}\n`);
  process.exit(1);
});
