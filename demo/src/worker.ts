import { setTimeout as pause } from 'node:timers/promises';
import {
  connect,
  OutcomeUnknownError,
  ProblemError,
  SessionExpiredError,
  type Client,
  type Lock,
  type Operation,
  type Reply,
  type Session,
} from '@lockstep/client';
import { JournalWriter, machineMs } from './journal';
import type { WorkerOrders } from './workers';
import { chooseMove, chooseOperation, whatItLeaves } from './worker-operations';

/** Longer than any outage that ought to be: what takes longer is a finding. */
const TIMEOUT_MS = 60_000;
const OPERATIONS_MAX = 5;
/** Between two turns with a lock: programs do other things as well. */
const PAUSE_MS_MAX = 60;
const MOVE_SHARE = 0.2;

let stopping = false;
process.on('message', (message) => {
  if (message === 'stop') stopping = true;
});
// The demo is gone, or this process has let it go at the end.
process.on('disconnect', () => process.exit(stopping ? 0 : 1));

/**
 * Takes the lock of a part of the tree, changes something there, and passes the lock on, until it is told to stop.
 * Everything it asks and everything it is told goes to its journal.
 */
async function work(orders: WorkerOrders): Promise<void> {
  const journal = new JournalWriter(orders.journal);
  const client = await connect({ endpoints: orders.endpoints, timeoutMs: TIMEOUT_MS });
  let acknowledged = 0;
  const report = setInterval(() => process.send?.({ acknowledged }), 250);
  const worker = new Worker(orders, client, journal, () => acknowledged++);
  while (!stopping) {
    await worker.turn();
    await pause(Math.random() * PAUSE_MS_MAX);
  }
  clearInterval(report);
  await client.close();
  journal.close();
  process.disconnect();
}

class Worker {
  readonly #orders: WorkerOrders;
  readonly #client: Client;
  readonly #journal: JournalWriter;
  readonly #onAcknowledged: () => void;
  #session: Session | undefined;
  #asked = 0;
  #named = 0;

  constructor(
    orders: WorkerOrders,
    client: Client,
    journal: JournalWriter,
    onAcknowledged: () => void,
  ) {
    this.#orders = orders;
    this.#client = client;
    this.#journal = journal;
    this.#onAcknowledged = onAcknowledged;
  }

  /** One area, or two in the order of their names, so that nobody waits in a circle. */
  async turn(): Promise<void> {
    const areas = [this.#anyArea()];
    if (Math.random() < MOVE_SHARE) areas.push(this.#anyArea());
    const names = [...new Set(areas)].sort();
    try {
      this.#session ??= await this.#client.openSession({ name: this.#orders.name });
      const locks: Lock[] = [];
      for (const name of names) locks.push(await this.#acquire(this.#session, name));
      await this.#change(this.#session, locks);
      for (const lock of locks) await this.#release(this.#session, lock);
    } catch (error) {
      if (!(error instanceof SessionExpiredError)) throw error;
      this.#journal.write({ kind: 'session-lost', cause: error.cause, atMs: machineMs() });
      this.#session = undefined;
    }
  }

  async #acquire(session: Session, name: string): Promise<Lock> {
    const lock = await session.locks.acquire(name, { note: this.#orders.name });
    const fence = lock.fence.toString();
    const place = lock.op === undefined ? {} : { op: lock.op };
    this.#journal.write({ kind: 'granted', lock: name, fence, ...place, atMs: machineMs() });
    return lock;
  }

  async #release(session: Session, lock: Lock): Promise<void> {
    const fence = lock.fence.toString();
    this.#journal.write({ kind: 'releasing', lock: lock.name, fence, atMs: machineMs() });
    const op = { kind: 'release', lock: lock.name, fence };
    const reply = await untilKnown(session.mutate('locks', op));
    const { outcome } = reply.result as { outcome: string };
    this.#journal.write({
      kind: 'released',
      lock: lock.name,
      fence,
      op: reply.op ?? '',
      outcome,
    });
  }

  async #change(session: Session, locks: readonly Lock[]): Promise<void> {
    const count = 1 + Math.floor(Math.random() * OPERATIONS_MAX);
    for (let n = 0; n < count; n++) {
      for (const lock of locks) lock.assertHeld();
      const op = await this.#choose(session, locks);
      await this.#perform(session, op, locks);
    }
  }

  #choose(session: Session, locks: readonly Lock[]): Promise<Operation> {
    const [first, second] = locks.map(({ name }) => name);
    return second === undefined
      ? chooseOperation(session.files, first!, this.#fresh)
      : chooseMove(session.files, first!, second, this.#fresh);
  }

  async #perform(session: Session, op: Operation, locks: readonly Lock[]): Promise<void> {
    const n = ++this.#asked;
    const fences = locks.map(({ fence }) => fence.toString());
    this.#journal.write({ kind: 'asked', n, op, fences });
    try {
      const caller = { uid: 0, gids: [0], umask: 0 };
      const reply = await untilKnown(session.mutate('files', { ...op, caller }));
      this.#journal.write({ kind: 'done', n, op: reply.op ?? '' });
      this.#onAcknowledged();
      await this.#lookAt(session, op, n);
    } catch (error) {
      if (error instanceof SessionExpiredError || error instanceof OutcomeUnknownError) {
        this.#journal.write({ kind: 'unknown', n });
        if (error instanceof OutcomeUnknownError) return;
      }
      if (!(error instanceof ProblemError)) throw error;
      this.#journal.write({ kind: 'refused', n, code: error.code });
    }
  }

  /** What was acknowledged must be there, for everybody, from that moment on. */
  async #lookAt(session: Session, op: Operation, n: number): Promise<void> {
    const path = whatItLeaves(op);
    if (typeof path !== 'string') return;
    try {
      await session.files.stat(path, { follow: false });
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      this.#journal.write({ kind: 'unseen', n, code: error.code });
    }
  }

  #anyArea(): string {
    const { areas } = this.#orders;
    return areas[Math.floor(Math.random() * areas.length)]!;
  }

  readonly #fresh = (prefix: string): string => `${this.#orders.name}-${prefix}${++this.#named}`;
}

/** A minute passed without an answer: asks once more, for another minute, under the same name. */
async function untilKnown(asked: Promise<Reply>): Promise<Reply> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof OutcomeUnknownError) return (await error.retry()) as Reply;
    throw error;
  }
}

work(JSON.parse(process.argv[2] ?? '{}') as WorkerOrders).catch((error: unknown) => {
  process.stderr.write(
    `worker: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exit(1);
});
