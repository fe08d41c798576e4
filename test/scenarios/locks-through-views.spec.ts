import { bodyOf } from '@lockstep/vr-core';
import { acquire, add, openSession } from './operations';
import { fenceIn, lockOutcome, opened, type ScenarioClient } from './scenario-client';
import { simulatedGroup, type ScenarioGroup } from './simulated-group';

type Three = [ScenarioClient, ScenarioClient, ScenarioClient];

/** Cluster time, as the log has it. */
function clusterMs(group: ScenarioGroup): number {
  return group.rules.committed.entries.at(-1)?.clusterMs ?? 0;
}

function open(group: ScenarioGroup, client: ScenarioClient, ttlMs: number, lockDelayMs = 0) {
  const asked = client.request(openSession(ttlMs, lockDelayMs));
  group.settle();
  return opened(asked);
}

/** The primary stands still until the others have left it. */
function leavePrimary(group: ScenarioGroup): void {
  if (!group.serves()) return;
  const primary = group.primary();
  group.pause(primary);
  for (const backup of group.backups()) group.peerLost(backup, primary);
  group.runUntil(() => group.serves() && group.primary() !== primary);
  group.resume(primary);
}

describe('leases while every primary is left 200 ms after it began, for two minutes', () => {
  const TTL_MS = 5_000;
  const SPELL_MS = 120_000;

  it('end for the silent within two ttl of cluster time, and never for who keeps its own alive', () => {
    const group = simulatedGroup();
    const [ann, bob, writer] = ['ann', 'bob', 'cid'].map((name) => group.client(name)) as Three;
    const [live, silent] = [open(group, ann, TTL_MS), open(group, bob, TTL_MS)];
    const mine = ann.numbered(live, 1, acquire('mine', { session: live, request: 'mine' }));
    bob.numbered(silent, 1, acquire('door', { session: silent }));
    const waits = ann.numbered(live, 2, acquire('door', { session: live, request: 'waits' }));
    group.settle();
    expect(lockOutcome(waits)?.kind).toBe('queued');
    const beganMs = clusterMs(group);

    let endedMs: number | undefined;
    const kept = [];
    const endsAtMs = group.nowMs + SPELL_MS;
    for (let round = 0; group.nowMs < endsAtMs; round += 1) {
      leavePrimary(group);
      if (round % 5 === 0) kept.push(ann.keepAlive(live));
      // What stands in the log is the only time that a view inherits: without writes there would be next to none.
      for (let part = 0; part < 8; part += 1) {
        writer.request(add('x'));
        group.run(25);
      }
      if (endedMs === undefined && !group.rules.sessions.lives(silent)) endedMs = clusterMs(group);
    }
    group.settle();
    expect(group.view(group.primary()).viewNumber).toBeGreaterThan(100);
    expect(endedMs).toBeLessThanOrEqual(beganMs + 2 * TTL_MS + 500);
    expect(group.rules.sessions.lives(live)).toBe(true);
    const again = ann.request(acquire('mine', { session: live, request: 'mine' }));
    const next = ann.request(acquire('door', { session: live, request: 'waits' }));
    group.settle();
    expect(fenceIn(again)).toBe(fenceIn(mine));
    expect(lockOutcome(next)?.kind).toBe('granted');
  }, 60_000);
});

describe('leases and clocks', () => {
  it('copycat#45: a keepalive that races the end of its lease is told the truth', () => {
    const group = simulatedGroup();
    const ann = group.client('ann');
    const told = [];
    for (let offsetMs = -40; offsetMs <= 400; offsetMs += 40) {
      const session = open(group, ann, 2_000);
      group.run(1_990 + offsetMs);
      const kept = ann.keepAlive(session);
      group.run(60);
      told.push(kept.answer?.kind);
      expect(group.rules.sessions.lives(session)).toBe(kept.answer?.kind === 'touched');
    }
    expect(new Set(told).size).toBe(2);
  });

  it('copycat#232: an idle group frees the lock of a dead client, and writes nothing more', () => {
    const group = simulatedGroup();
    const ann = group.client('ann');
    const session = open(group, ann, 3_000);
    ann.numbered(session, 1, acquire('door', { session }));
    group.settle();
    group.run(4_000);
    expect(group.rules.sessions.lives(session)).toBe(false);
    const entries = group.rules.committed.entries.length;
    group.run(60_000);
    expect(group.rules.committed.entries.length).toBe(entries);
  });

  it('atomix PR#319: an expiry that takes long to commit is proposed once', () => {
    const group = simulatedGroup();
    const ann = group.client('ann');
    const session = open(group, ann, 3_000);
    const primary = group.primary();
    const ticks = (): number => {
      const entries = group.host(primary).disk.asked.readable();
      return entries.filter((entry) => bodyOf(entry).touched !== undefined).length;
    };
    const before = ticks();
    const backups = group.backups();
    for (const backup of backups) group.holdDisk(backup);
    group.run(4_500);
    expect(ticks() - before).toBe(1);
    for (const backup of backups) group.releaseDisk(backup);
    group.settle();
    group.run(500);
    expect(group.rules.sessions.lives(session)).toBe(false);
  });

  it('atomix PR#981: a session opened at a primary whose clocks are behind has its whole ttl', () => {
    const group = simulatedGroup();
    const ann = group.client('ann');
    open(group, ann, 60_000);
    const first = group.primary();
    group.host(first).clock.jump(3_600_000);
    group.host(first).clock.jumpWall(3_600_000);
    group.run(2_000);
    group.crash(first);
    group.runUntil(() => group.serves());
    const session = open(group, ann, 3_000);
    group.run(2_800);
    expect(group.rules.sessions.lives(session)).toBe(true);
    group.run(1_500);
    expect(group.rules.sessions.lives(session)).toBe(false);
  });

  it('hazelcast: a wall clock that jumps ahead, at a primary and then at the next, ends no lease', () => {
    const group = simulatedGroup();
    const ann = group.client('ann');
    const session = open(group, ann, 5_000);
    group.host(group.primary()).clock.jumpWall(7_200_000);
    group.run(2_000);
    group.crash(group.primary());
    group.runUntil(() => group.serves());
    group.host(group.primary()).clock.jumpWall(7_200_000);
    group.run(1_000);
    expect(group.rules.sessions.lives(session)).toBe(true);
  });

  it('etcd#15247: a primary that stood still charges nobody for the time', () => {
    const group = simulatedGroup();
    const ann = group.client('ann');
    const session = open(group, ann, 2_000);
    for (const number of [0, 1, 2]) group.pause(number);
    group.run(10_000);
    for (const number of [0, 1, 2]) group.resume(number);
    group.run(100);
    expect(group.rules.sessions.lives(session)).toBe(true);
  });

  it('consul: a lock-delay outlives the primary that began it', () => {
    const group = simulatedGroup();
    const [ann, bob] = [group.client('ann'), group.client('bob')];
    const lost = open(group, ann, 2_000, 6_000);
    const live = open(group, bob, 60_000);
    ann.numbered(lost, 1, acquire('door', { session: lost }));
    group.settle();
    group.runUntil(() => !group.rules.sessions.lives(lost));
    group.crash(group.primary());
    const early = bob.request(acquire('door', { session: live, waitMs: 0, request: 'early' }));
    group.settle();
    expect(lockOutcome(early)?.kind).toBe('lock-delay');
    const waits = bob.request(acquire('door', { session: live, request: 'waits' }));
    group.settle();
    expect(lockOutcome(waits)?.kind).toBe('queued');
    group.run(7_000);
    const again = bob.request(acquire('door', { session: live, request: 'waits' }));
    group.settle();
    expect(lockOutcome(again)?.kind).toBe('granted');
  });
});
