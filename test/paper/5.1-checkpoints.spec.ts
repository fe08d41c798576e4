import type { Limits } from '@lockstep/vr-core';
import type { Substitution } from '../simulation/source-loader';
import { HandDrivenGroup } from './hand-driven-group';

const ALL = [0, 1, 2];
const CORE = 'libs/vr-core/src';

/** A checkpoint after every fifth op; logs keep nothing behind it. */
const LIMITS: Partial<Limits> = { checkpointOps: 5, logKeepOps: 0 };

function newGroup(
  substitutions: readonly Substitution[] = [],
  limits: Partial<Limits> = {},
): HandDrivenGroup {
  const group = new HandDrivenGroup(3, substitutions, { limits: { ...LIMITS, ...limits } });
  group.settle(ALL);
  return group;
}

/** Each name is one op. The first op of the group is its view's own. */
function add(group: HandDrivenGroup, names: readonly string[], among = ALL, door = 0): void {
  for (const name of names) {
    group.add(door, name);
    group.settle(among);
  }
}

const FOUR = ['a', 'b', 'c', 'd'];

describe('checkpoints (VRR §5.1)', () => {
  it('are taken at the same op everywhere, and are the same there', () => {
    const group = newGroup();
    add(group, FOUR);
    group.run(200, ALL);
    const names = ALL.map((number) => group.view(number).checkpoint);
    expect(names[0]).toMatchObject({ opNumber: 5 });
    expect(names).toEqual([names[0], names[0], names[0]]);
  });

  it('are exactly the state after their op, whatever is executed while they are written', () => {
    const group = newGroup([], { checkpointPagesPerTick: 1 });
    add(group, FOUR);
    // Two have written theirs before anything more happens; replica 2 has written none of its pages.
    group.run(300, [0, 1]);
    expect(group.view(0).checkpoint).toMatchObject({ opNumber: 5 });
    expect(group.view(2).checkpoint).toBeUndefined();
    add(group, ['e', 'f', 'g']);
    expect(group.view(2).executedNumber).toBeGreaterThan(5);
    group.run(500, ALL);
    expect(group.view(2).checkpoint).toEqual(group.view(0).checkpoint);
  });

  it('spare a restart what they cover: the log begins behind them', () => {
    const group = newGroup();
    add(group, FOUR);
    group.run(200, ALL);
    expect(group.view(2).baseNumber).toBe(5);
    // The disk learns of it with what it is told next.
    add(group, ['e']);
    group.crash(2);
    group.restart(2);
    expect(group.view(2)).toMatchObject({ baseNumber: 5, opNumber: 6, stateWhole: true });
    expect(group.valueAt(2, 'a')).toBe(1);
  });

  it('hold the client table: a request from before one is not executed again (E24)', () => {
    const group = newGroup();
    add(group, FOUR);
    group.run(200, ALL);
    for (const number of ALL) group.crash(number);
    group.drop();
    for (const number of ALL) group.restart(number);
    group.run(2_000, ALL);
    const primary = ALL.find((number) => group.view(number).serving) ?? 0;
    group.answers.clear();
    add(group, ['a'], ALL, primary);
    expect(group.acknowledged('a')).toBe(true);
    expect(group.valueAt(primary, 'a')).toBe(1);
  });

  it('cut no log before a quorum has them (E40)', () => {
    const group = newGroup();
    group.holdDisk(1);
    group.holdDisk(2);
    add(group, FOUR);
    group.run(200, ALL);
    expect(group.view(0).baseNumber).toBe(0);
    group.releaseDisk(1);
    group.releaseDisk(2);
    group.run(200, ALL);
    expect(group.view(0).baseNumber).toBe(5);
  });

  it('loses what was acknowledged when each cuts its log at its own (E40, put back)', () => {
    const story = (substitutions: readonly Substitution[]): HandDrivenGroup => {
      const group = newGroup(substitutions);
      // Replica 2 hears nothing; the checkpoint of replica 1 does not get to its disk.
      group.seeLost(2, 0);
      add(group, FOUR.slice(0, 3), [0, 1]);
      group.drop();
      group.add(0, 'd');
      group.settle([0, 1]);
      group.holdDisk(1);
      group.run(100, [0]);
      return group;
    };
    expect(story([]).view(0).baseNumber).toBe(0);
    const early: Substitution = {
      file: `${CORE}/checkpoint/truncate-log.ts`,
      text: 'const agreed = checkpointing.agreed?.opNumber ?? 0;',
      by: 'const agreed = checkpointing.own.at(-1)?.opNumber ?? 0;',
    };
    const call: Substitution = {
      file: `${CORE}/checkpoint/write-checkpoint.ts`,
      text: '  agree(state, now, out);\n}',
      by: '  truncateLog(state);\n  agree(state, now, out);\n}',
    };
    const imported: Substitution = {
      file: `${CORE}/checkpoint/write-checkpoint.ts`,
      text: "import { agree, compareWithAgreed } from './agree';",
      by: "import { agree, compareWithAgreed } from './agree';\nimport { truncateLog } from './truncate-log';",
    };
    // Op 5 is acknowledged, and now it exists as one state on one disk, and as an entry that 1 has perhaps not synced.
    expect(story([early, call, imported]).view(0).baseNumber).toBe(5);
  });

  it('carry no view: to install one lowers none (E38)', () => {
    const group = newGroup();
    add(group, FOUR);
    group.run(200, ALL);
    group.input(0, { kind: 'step-down' });
    group.run(1_000, ALL);
    const { viewNumber } = group.view(1);
    expect(viewNumber).toBeGreaterThan(0);
    group.crash(2, { log: true });
    group.drop();
    group.restart(2);
    group.run(1_000, ALL);
    expect(group.view(2)).toMatchObject({ status: 'normal', viewNumber });
    expect(group.view(2).lastNormalView).toMatchObject({ viewNumber });
  });
});

describe('a state that is not the group’s (T13, decision 19)', () => {
  function spoiled(number: number): HandDrivenGroup {
    const group = newGroup();
    add(group, ['a', 'b']);
    group.spoilState(number, 'a', 77);
    add(group, ['c', 'd']);
    return group;
  }

  it('is found at the next checkpoint; a backup serves nothing from it, and is repaired', () => {
    const group = spoiled(2);
    expect(group.valueAt(2, 'a')).toBe(77);
    group.run(2_000, ALL);
    expect(group.notes.some((note) => /^2: .*not the group's/.test(note))).toBe(true);
    expect(group.view(2)).toMatchObject({ status: 'normal', stateWhole: true });
    expect(group.valueAt(2, 'a')).toBe(1);
  });

  it('is not read while it is being repaired', () => {
    const group = spoiled(2);
    while (group.view(2).stateWhole) {
      group.tick(10, ALL);
      group.settleOnly(ALL, ['Commit', 'CommitOk', 'Prepare', 'PrepareOk']);
    }
    group.served.length = 0;
    group.input(2, {
      kind: 'read',
      read: {
        readId: 2,
        service: 'counter',
        query: new Uint8Array([0, 1, 97]),
        consistency: { kind: 'stale', minOp: 0 as never, maxStalenessMs: 1e9 },
        deadlineMs: 1e12 as never,
      },
    });
    expect(group.served).toEqual(['too-stale']);
  });

  it('makes a primary leave its view first', () => {
    const group = spoiled(0);
    group.run(3_000, ALL);
    expect(group.view(1).viewNumber).toBeGreaterThan(0);
    for (const number of ALL) {
      expect(group.view(number).stateWhole).toBe(true);
      expect(group.valueAt(number, 'a')).toBe(1);
    }
  });
});
