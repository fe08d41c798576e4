import { setTimeout as pause } from 'node:timers/promises';
import type { Group, Replica } from './group';
import { machineMs } from './journal';
import { outageOf, type Prober } from './outages';

/** One `kill -9` of the primary. */
export interface Kill {
  readonly atMs: number;
  readonly replica: string;
  readonly view: number;
  /** The longest time without an answer that it caused. */
  readonly outageMs: number;
  /** Who led after it. */
  readonly nextView: number;
  readonly nextPrimary: string;
  /** Until the killed replica was ready again. */
  readonly backAfterMs: number;
}

/** From one kill to the next, beyond the healing of the group. */
const QUIET_MS_MIN = 1000;
const QUIET_MS_MAX = 3000;
/** What slows answers so long after a kill was not caused by it. */
const AFTERMATH_MS = 5000;
const GIVE_UP_MS = 60_000;

/**
 * Kills the primary so many times, each time at a random moment after the group has healed: with three replicas, one
 * may be lost at a time.
 */
export async function killPrimaries(
  group: Group,
  prober: Prober,
  count: number,
  onKill: (kill: Kill) => void,
): Promise<Kill[]> {
  const kills: Kill[] = [];
  while (kills.length < count) {
    await group.healthy();
    await pause(QUIET_MS_MIN + Math.random() * (QUIET_MS_MAX - QUIET_MS_MIN));
    const kill = await killPrimary(group, prober);
    kills.push(kill);
    onKill(kill);
  }
  return kills;
}

async function killPrimary(group: Group, prober: Prober): Promise<Kill> {
  await until(() => prober.lastAnswerMs > 0);
  const before = prober.view!;
  const replica = group.replicaAt(before.url);
  const atMs = machineMs();
  group.kill(replica);
  await until(() => prober.lastAnswerMs > atMs + 20 && prober.view!.view > before.view);
  await until(() => isBack(group, replica));
  await group.healthy();
  const backAfterMs = machineMs() - atMs;
  await until(() => machineMs() > atMs + AFTERMATH_MS);
  const after = prober.view!;
  return {
    atMs,
    replica: replica.name,
    view: before.view,
    outageMs: outageOf(prober.answeredAtMs, atMs, atMs + AFTERMATH_MS) ?? Infinity,
    nextView: after.view,
    nextPrimary: group.replicaAt(after.url).name,
    backAfterMs,
  };
}

const isBack = (group: Group, killed: Replica): boolean =>
  group.replicas.some(
    ({ name, pid }) => name === killed.name && pid !== null && pid !== killed.pid,
  );

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + GIVE_UP_MS;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('the group did not go on after a kill');
    await pause(20);
  }
}
