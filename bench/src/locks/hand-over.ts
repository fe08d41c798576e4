import { connect, type Client, type Session } from '@lockstep/client';
import { setTimeout as pause } from 'node:timers/promises';
import type { Group } from '../../../demo/dist/group';
import { logLengthOf, withGroup } from './bench-group';
import { latenciesOf, type Latencies } from './latencies';
import { Meter } from './meter';

const LOCK = 'hand-over';
const POLL_MS = 20;
/** The first seconds of a process are spent compiling. */
const WARM_UP_ROUNDS = 5;

export interface HandOver {
  readonly name: string;
  readonly handOvers: number;
  readonly perSecond: number;
  /** From the release that was sent to the grant that the next holder was told of. */
  readonly latency: Latencies;
  /** Each of a single hand-over, on average. */
  readonly operations: number;
  readonly logEntries: number;
  readonly pushes: number;
  /** Messages between clients and replicas, in both directions. */
  readonly frames: number;
}

/** Clients with a session each, a third of them at each replica, pass one lock around. */
export async function measureHandOver(clients: number, rounds: number): Promise<HandOver[]> {
  return await withGroup(async (group) => {
    const meter = new Meter();
    const connected = await Promise.all(
      Array.from({ length: clients }, (_, n) => {
        const url = group.urls[n % group.urls.length]!;
        return connect({ endpoints: [url], dialler: meter.diallerOf(url), timeoutMs: 60_000 });
      }),
    );
    try {
      const sessions = await Promise.all(connected.map((client) => client.openSession()));
      const passing = new Passing(group, meter, sessions);
      await passing.run('warm-up', { owners: 1, rounds: WARM_UP_ROUNDS });
      return [
        await passing.run('all wait from the start', { owners: rounds, rounds: 1 }),
        await passing.run('each asks again at once', { owners: 1, rounds }),
      ];
    } finally {
      await Promise.all(connected.map((client: Client) => client.close()));
    }
  });
}

/** How many tasks of each session take the lock, and how often each. */
interface Turns {
  readonly owners: number;
  readonly rounds: number;
}

class Passing {
  readonly #group: Group;
  readonly #meter: Meter;
  readonly #sessions: readonly Session[];

  constructor(group: Group, meter: Meter, sessions: readonly Session[]) {
    this.#group = group;
    this.#meter = meter;
    this.#sessions = sessions;
  }

  /** Everybody waits behind one that holds the lock; counting begins when that one gives it up. */
  async run(name: string, turns: Turns): Promise<HandOver> {
    const [first] = this.#sessions;
    const gate = await first!.locks.acquire(LOCK, { owner: 'gate' });
    const passed: Passed[] = [];
    const tasks = this.#sessions.flatMap((session) =>
      Array.from({ length: turns.owners }, (_, n) => take(session, `o${n}`, turns.rounds, passed)),
    );
    await waitersOf(first!, tasks.length);
    this.#meter.reset();
    const entriesBefore = await logLengthOf(this.#group);
    const startMs = performance.now();
    await gate.release();
    await Promise.all(tasks);
    const seconds = (performance.now() - startMs) / 1000;
    const entries = (await logLengthOf(this.#group)) - entriesBefore;
    const handOvers = passed.length;
    const { places, pushes, framesSent, framesReceived } = this.#meter;
    return {
      name,
      handOvers,
      perSecond: handOvers / seconds,
      latency: latenciesOf(betweenHolders(passed)),
      operations: places.size / handOvers,
      logEntries: entries / handOvers,
      pushes: pushes / handOvers,
      frames: (framesSent + framesReceived) / handOvers,
    };
  }
}

/** One turn with the lock, by this machine's clock. */
interface Passed {
  readonly fence: bigint;
  readonly grantedMs: number;
  readonly releasedMs: number;
}

async function take(
  session: Session,
  owner: string,
  rounds: number,
  passed: Passed[],
): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const lock = await session.locks.acquire(LOCK, { owner });
    const nowMs = performance.now();
    passed.push({ fence: lock.fence, grantedMs: nowMs, releasedMs: nowMs });
    await lock.release();
  }
}

function betweenHolders(passed: readonly Passed[]): number[] {
  const inOrder = [...passed].sort((a, b) => (a.fence < b.fence ? -1 : 1));
  return inOrder.slice(1).map(({ grantedMs }, n) => grantedMs - inOrder[n]!.releasedMs);
}

async function waitersOf(session: Session, count: number): Promise<void> {
  for (;;) {
    const { result } = await session.read('locks', { kind: 'lock', lock: LOCK });
    if ((result as { readonly waiterCount: number }).waiterCount >= count) return;
    await pause(POLL_MS);
  }
}
