import { setTimeout as pause } from 'node:timers/promises';
import type { Group } from '../../../demo/dist/group';
import { machineMs } from '../../../demo/dist/journal';
import { cpuMsOf } from '../cpu';
import { Bystander } from './bystander';
import { Channel, pipelined, type ChannelSession, type Result } from './channel';
import { primaryOf, withGroup } from './bench-group';
import type { Latencies } from './latencies';
import { rssOf } from '../witness/usage';

const CHANNELS = 4;
const AT_ONCE = 1_000;
const KEEP_ALIVE_MS = 5_000;
const QUIET_MS = 5_000;
const POLL_MS = 10;
/** Locks all over the place, so that most are of different sessions; and how often each is asked for. */
const SAMPLE = 40;
const STRIDE = 7_919;
const ASK_EVERY_MS = 200;
const PREFIX = 'of-the-dead-';

export interface ExpiryPlan {
  readonly sessions: number;
  readonly locksEach: number;
  readonly ttlMs: number;
}

export interface Expiry extends ExpiryPlan {
  readonly loadSeconds: number;
  /** What the primary's process has grown by, of memory resident, for one lock with its share of its session. */
  readonly rssBytesPerLock: number;
  /** From the first deadline to the last. */
  readonly spreadMs: number;
  /** After the last deadline, by this machine's clock: until a sample of all the locks is granted to who asks. */
  readonly grantedAfterMs: number;
  /** The same until none of them has a row any more. */
  readonly clearedAfterMs: number;
  /** CPU time of all three replicas from the first deadline on, for one lock. */
  readonly cpuMicrosPerLock: number;
  /** What clients of other locks felt: in the seconds before the first deadline, and from it until all was free. */
  readonly before: Latencies;
  readonly meanwhile: Latencies;
}

/** Sessions that hold locks fall silent all at once. */
export async function measureExpiry(plan: ExpiryPlan): Promise<Expiry> {
  return await withGroup(async (group) => {
    const bystander = new Bystander(group.urls);
    try {
      return await dieAtOnce(plan, group, bystander);
    } finally {
      bystander.kill();
    }
  });
}

async function dieAtOnce(plan: ExpiryPlan, group: Group, bystander: Bystander): Promise<Expiry> {
  const { url, pid } = primaryOf(group);
  const rssBefore = rssOf(pid!);
  const doomed = await Doomed.load(url, plan);
  const locks = plan.sessions * plan.locksEach;
  const rssBytesPerLock = (rssOf(pid!) - rssBefore) / locks;
  const pids = group.replicas.map((replica) => replica.pid!);
  const { firstMs, lastMs } = await doomed.die();
  const witness = await Channel.open(url);
  await pause(Math.max(0, firstMs - machineMs()));
  const cpuMsBefore = cpuMsOf(pids);
  const grantedMs = await allGranted(witness, locks);
  const clearedMs = await allCleared(witness);
  const cpuMs = cpuMsOf(pids) - cpuMsBefore;
  await bystander.stop();
  witness.close();
  return {
    ...plan,
    loadSeconds: doomed.loadSeconds,
    rssBytesPerLock,
    spreadMs: lastMs - firstMs,
    grantedAfterMs: grantedMs - lastMs,
    clearedAfterMs: clearedMs - lastMs,
    cpuMicrosPerLock: (1000 * cpuMs) / locks,
    before: bystander.between(firstMs - QUIET_MS, firstMs),
    meanwhile: bystander.between(firstMs, clearedMs),
  };
}

/** Sessions with their locks, in a few sockets that keep them alive for as long as they are open. */
class Doomed {
  readonly loadSeconds: number;
  readonly #sessions: readonly ChannelSession[];
  readonly #channels: readonly Channel[];
  readonly #keeping: ReturnType<typeof setInterval>;

  private constructor(parts: {
    readonly loadSeconds: number;
    readonly sessions: readonly ChannelSession[];
    readonly channels: readonly Channel[];
    readonly keeping: ReturnType<typeof setInterval>;
  }) {
    this.loadSeconds = parts.loadSeconds;
    this.#sessions = parts.sessions;
    this.#channels = parts.channels;
    this.#keeping = parts.keeping;
  }

  static async load(url: string, plan: ExpiryPlan): Promise<Doomed> {
    const startMs = performance.now();
    const channels = await Promise.all(Array.from({ length: CHANNELS }, () => Channel.open(url)));
    const sessions: ChannelSession[] = [];
    const keeping = setInterval(() => {
      for (const session of sessions) session.keepAlive().catch(() => undefined);
    }, KEEP_ALIVE_MS);
    await pipelined(plan.sessions, AT_ONCE, async (n) => {
      sessions.push(await channels[n % CHANNELS]!.openSession(plan.ttlMs));
    });
    await pipelined(plan.sessions * plan.locksEach, AT_ONCE, async (n) => {
      const op = { kind: 'acquire', lock: `${PREFIX}${n}`, waitMs: 0 };
      await sessions[n % sessions.length]!.mutate(op);
    });
    const loadSeconds = (performance.now() - startMs) / 1000;
    return new Doomed({ loadSeconds, sessions, channels, keeping });
  }

  /** A last word, all at once, and the sockets go. Resolves with the first and the last deadline. */
  async die(): Promise<{ readonly firstMs: number; readonly lastMs: number }> {
    clearInterval(this.#keeping);
    const deadlines = await Promise.all(
      this.#sessions.map(async (session) => {
        const expiresInMs = await session.keepAlive();
        return machineMs() + expiresInMs;
      }),
    );
    for (const channel of this.#channels) channel.close();
    deadlines.sort((a, b) => a - b);
    return { firstMs: deadlines[0]!, lastMs: deadlines.at(-1)! };
  }
}

/** The moment at which the last of a sample of the locks was granted to somebody who asks again and again. */
async function allGranted(witness: Channel, locks: number): Promise<number> {
  const { id: session } = await witness.openSession(60_000);
  const taken: Result[] = [];
  const sample = Array.from({ length: SAMPLE }, (_, at) => (at * STRIDE) % locks);
  await Promise.all(
    [...new Set([...sample, locks - 1])].map(async (n) => {
      const lock = `${PREFIX}${n}`;
      const owner = `${n}`;
      const op = { kind: 'acquire', lock, session, owner, waitMs: 0 };
      for (;;) {
        const { fence } = await ask(witness, op);
        if (fence !== undefined) return taken.push({ lock, session, owner, fence });
        await pause(ASK_EVERY_MS);
      }
    }),
  );
  const grantedMs = machineMs();
  await Promise.all(taken.map((held) => ask(witness, { kind: 'release', ...held })));
  return grantedMs;
}

/** An operation that may be refused: then there is nothing in the answer. */
function ask(witness: Channel, op: Readonly<Record<string, unknown>>): Promise<Result> {
  return witness.ask({ service: 'locks', op, key: crypto.randomUUID() }).catch((): Result => ({}));
}

/** The moment at which none of the locks had a row any more, as the primary sees it. */
async function allCleared(witness: Channel): Promise<number> {
  const query = { kind: 'locks', prefix: PREFIX, limit: 1 };
  for (;;) {
    const { locks, next } = await witness.ask({ service: 'locks', query });
    if ((locks as readonly unknown[]).length === 0 && next === undefined) return machineMs();
    await pause(POLL_MS);
  }
}
