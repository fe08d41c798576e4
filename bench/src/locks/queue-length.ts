import { Channel, pipelined, type ChannelSession } from './channel';
import { primaryOf, withGroup } from './bench-group';
import { cpuMsOf } from '../cpu';
import { latenciesOf, type Latencies } from './latencies';

const LOCK = 'queue';
const TTL_MS = 600_000;
const SESSIONS = 20;
const AT_ONCE = 1_000;

export interface QueueLength extends Times {
  readonly waiters: number;
  /** CPU time of all three replicas for one hand-over and one more waiter. */
  readonly cpuMicros: number;
}

interface Times {
  /** Until the one that releases is answered. */
  readonly release: Latencies;
  /** From the release that was sent to the grant that the next holder was told of. */
  readonly grant: Latencies;
  /** Until one that asks at the end of the queue is told its place. */
  readonly acquire: Latencies;
}

/** One lock with queues of different lengths: what a release, a grant and another waiter take. */
export async function measureQueueLengths(
  lengths: readonly number[],
  handOvers: number,
): Promise<QueueLength[]> {
  return await withGroup(async (group) => {
    const queue = await Queue.open(primaryOf(group).url);
    const measured: QueueLength[] = [];
    await queue.growTo(Math.min(...lengths));
    await queue.passOn(handOvers);
    const pids = group.replicas.map(({ pid }) => pid!);
    for (const waiters of [...lengths].sort((a, b) => a - b)) {
      await queue.growTo(waiters);
      const cpuMsBefore = cpuMsOf(pids);
      const times = await queue.passOn(handOvers);
      const cpuMicros = (1000 * (cpuMsOf(pids) - cpuMsBefore)) / handOvers;
      measured.push({ waiters, ...times, cpuMicros });
    }
    queue.close();
    return measured;
  });
}

/** An owner and the session it belongs to. */
interface Party {
  readonly session: ChannelSession;
  readonly owner: string;
}

interface Grant {
  readonly owner: string;
  readonly fence: string;
}

/** A lock, its holder, and those who wait in order. */
class Queue {
  readonly #channel: Channel;
  readonly #sessions: readonly ChannelSession[];
  readonly #parties = new Map<string, Party>();
  #onGrant: (grant: Grant) => void = () => undefined;
  #held: Grant | undefined;

  private constructor(channel: Channel, sessions: readonly ChannelSession[]) {
    this.#channel = channel;
    this.#sessions = sessions;
  }

  static async open(url: string): Promise<Queue> {
    const granted = { tell: (_: Grant): void => undefined };
    const channel = await Channel.open(url, ({ kind, ...event }) => {
      if (kind === 'lock.granted') granted.tell(event as unknown as Grant);
    });
    const sessions = await Promise.all(
      Array.from({ length: SESSIONS }, () => channel.openSession(TTL_MS)),
    );
    const queue = new Queue(channel, sessions);
    granted.tell = (grant) => queue.#onGrant(grant);
    return queue;
  }

  /** One holder and so many who wait. */
  async growTo(waiters: number): Promise<void> {
    const from = this.#parties.size;
    await pipelined(waiters + 1 - from, AT_ONCE, async (n) => {
      const owner = `o${from + n}`;
      const party = { session: this.#sessions[(from + n) % SESSIONS]!, owner };
      this.#parties.set(owner, party);
      const { state, fence } = await this.#acquire(party);
      if (state === 'granted') this.#held = { owner, fence: String(fence) };
    });
  }

  /** The holder gives the lock up and asks again when the next one has been told: the queue keeps its length. */
  async passOn(times: number): Promise<Times> {
    const [release, grant, acquire]: [number[], number[], number[]] = [[], [], []];
    for (let n = 0; n < times; n++) {
      const held = this.#held!;
      const party = this.#parties.get(held.owner)!;
      const startMs = performance.now();
      const next = this.#nextGrant();
      const { owner, fence } = held;
      await party.session.mutate({ kind: 'release', lock: LOCK, owner, fence });
      release.push(performance.now() - startMs);
      const told = await next;
      this.#held = told.grant;
      grant.push(told.atMs - startMs);
      const askedMs = performance.now();
      await this.#acquire(party);
      acquire.push(performance.now() - askedMs);
    }
    return {
      release: latenciesOf(release),
      grant: latenciesOf(grant),
      acquire: latenciesOf(acquire),
    };
  }

  close(): void {
    this.#channel.close();
  }

  #acquire({ session, owner }: Party): Promise<Record<string, unknown>> {
    return session.mutate({ kind: 'acquire', lock: LOCK, owner });
  }

  #nextGrant(): Promise<{ readonly grant: Grant; readonly atMs: number }> {
    return new Promise((resolve) => {
      this.#onGrant = (grant) => resolve({ grant, atMs: performance.now() });
    });
  }
}
