import type { Limits, Message } from '@lockstep/vr-core';
import { HandDrivenGroup } from './hand-driven-group';

type Blocks = Extract<Message, { kind: 'Blocks' }>;

const ALL = [0, 1, 2];
const LIMITS: Partial<Limits> = { checkpointOps: 10, logKeepOps: 0 };

const RECOVERY: readonly Message['kind'][] = [
  'Recovery',
  'RecoveryResponse',
  'GetLog',
  'LogSegment',
];

/** The three have executed `count` ops, and cut their logs behind the last checkpoint. */
function groupWith(count: number, limits: Partial<Limits> = {}): HandDrivenGroup {
  const group = new HandDrivenGroup(3, [], { limits: { ...LIMITS, ...limits } });
  group.settle(ALL);
  work(group, 1, count, ALL);
  return group;
}

function work(
  group: HandDrivenGroup,
  from: number,
  to: number,
  among: readonly number[],
  door = 0,
): void {
  for (let nth = from; nth <= to; nth += 1) {
    group.add(door, `n${nth}`);
    group.settle(among);
  }
  group.run(200, among);
}

/** Replica 2 is away while the others cut their logs behind what it holds; then it is back. */
function leftBehind(): HandDrivenGroup {
  const group = groupWith(12);
  work(group, 13, 45, [0, 1]);
  group.drop({ to: 2 });
  group.drop({ from: 2 });
  expect(group.view(0).baseNumber).toBeGreaterThan(group.view(2).opNumber);
  return group;
}

function expectSame(group: HandDrivenGroup): void {
  const { executedNumber } = group.view(0);
  for (const number of ALL) {
    expect(group.view(number)).toMatchObject({ status: 'normal', stateWhole: true });
    expect(group.view(number).executedNumber).toBe(executedNumber);
    expect(group.valueAt(number, 'n1')).toBe(1);
    expect(group.valueAt(number, 'n45')).toBe(1);
  }
}

describe('state transfer of pages (VRR §5.2)', () => {
  it('brings a replica back that lacks what nobody’s log holds any more', () => {
    const group = leftBehind();
    group.run(2_000, ALL);
    expectSame(group);
  });

  it('moves only pages that differ', () => {
    const moved = (change: (group: HandDrivenGroup) => void): number => {
      const group = groupWith(300, { checkpointOps: 100 });
      change(group);
      group.drop();
      let blocks = 0;
      group.onSend = ({ message }) => {
        if (message.kind === 'Blocks') blocks += message.blocks.length;
      };
      group.run(3_000, ALL);
      expect(group.view(2)).toMatchObject({ status: 'normal', stateWhole: true });
      return blocks;
    };
    const all = moved((group) => {
      group.crash(2, { log: true });
      group.restart(2);
    });
    const one = moved((group) => {
      group.crash(2);
      group.damagePage(2);
      group.restart(2);
    });
    expect(one).toBeGreaterThan(0);
    // The way down to one page: the directory, at most one inner block, the page.
    expect(one).toBeLessThanOrEqual(3);
    expect(all).toBeGreaterThan(one);
  });

  it('executes and reads nothing until all is there, and takes part in the log all the while', () => {
    const group = groupWith(12);
    group.crash(2);
    group.damagePage(2);
    group.restart(2);
    group.add(0, 'later');
    group.settleOnly(ALL, ['Prepare', 'PrepareOk', 'Commit', 'CommitOk', 'StartView']);
    expect(group.view(2)).toMatchObject({ stateWhole: false });
    group.crash(1);
    group.add(0, 'last');
    group.settleOnly([0, 2], ['Prepare', 'PrepareOk', 'Commit', 'CommitOk']);
    expect(group.acknowledged('last')).toBe(true);
    expect(group.view(2).executedNumber).toBeLessThan(group.view(0).executedNumber);
  });

  it('refuses a block that is not the one that was named, and asks another for it', () => {
    const group = leftBehind();
    let spoiled = 0;
    for (let round = 0; round < 200; round += 1) {
      group.tick(10, ALL);
      for (const letter of group.hold({ kind: 'Blocks', to: 2 })) {
        group.hand(letter.from === 0 ? spoil(letter) : letter);
        if (letter.from === 0) spoiled += 1;
      }
      group.settleOnly(ALL, [
        'Commit',
        'CommitOk',
        'GetState',
        'NewState',
        'GetBlocks',
        'GetLog',
        'LogSegment',
      ]);
    }
    expect(spoiled).toBeGreaterThan(0);
    expect(group.notes.some((note) => /refuses a block of replica 0/.test(note))).toBe(true);
    group.run(500, ALL);
    expectSame(group);
  });

  it('begins again with the newer checkpoint when the one it fetches is gone, and keeps equal pages', () => {
    const group = leftBehind();
    while (group.view(2).transfer === undefined) {
      group.tick(10, ALL);
      group.settleOnly(ALL, ['Commit', 'CommitOk', 'GetState', 'NewState']);
    }
    const first = group.view(2).transfer?.opNumber ?? 0;
    group.drop({ kind: 'GetBlocks' });
    work(group, 46, 70, [0, 1]);
    group.run(2_000, ALL);
    expect(group.view(2).checkpoint?.opNumber).toBeGreaterThan(first);
    expectSame(group);
  });

  it.each([
    ['a newcomer that follows', (group: HandDrivenGroup) => group.join(0)],
    [
      'a member that lost its log',
      (group: HandDrivenGroup) => {
        group.crash(2, { log: true });
        group.restart(2);
        return 2;
      },
    ],
  ])(
    'D45 (E39): lets %s go on with a holder’s word when who named the checkpoint is gone',
    (_, begin) => {
      const group = new HandDrivenGroup(5, [], { limits: LIMITS });
      const others = [1, 3, 4];
      group.settle([0, 1, 2, 3, 4]);
      work(group, 1, 45, [0, 1, 2, 3, 4]);
      const fetching = begin(group);
      while (group.view(fetching).transfer === undefined) {
        group.tick(10, [0, ...others, fetching]);
        group.settleOnly(
          [0, ...others, fetching],
          ['GetState', 'NewState', 'Commit', 'CommitOk', ...RECOVERY],
        );
      }
      group.crash(0);
      group.drop();
      for (const number of [...others, fetching]) group.seeLost(number, 0);
      group.run(1_000, others);
      work(group, 46, 70, others, 1);
      group.run(3_000, [...others, fetching]);
      expect(group.view(fetching)).toMatchObject({ stateWhole: true });
      expect(group.valueAt(fetching, 'n70')).toBe(1);
    },
  );

  it('goes on after a crash with what had come before it', () => {
    const group = leftBehind();
    while ((group.view(2).transfer?.blocks ?? 0) < 3) {
      group.tick(10, ALL);
      const [letter] = group.hold({ kind: 'Blocks', to: 2 });
      if (letter !== undefined) group.hand(letter);
      group.settleOnly(ALL, ['Commit', 'CommitOk', 'GetState', 'NewState', 'GetBlocks']);
    }
    group.crash(2);
    group.drop({ to: 2 });
    group.restart(2);
    group.run(3_000, ALL);
    expectSame(group);
  });

  it('gives a view to the next when its primary’s state is not whole (T15)', () => {
    const group = groupWith(12);
    group.crash(1);
    group.damagePage(1);
    group.restart(1);
    group.drop();
    group.crash(0);
    // Nobody can repair it: replica 2 is asked for pages, and its answers are lost.
    for (let passed = 0; passed < 6_000; passed += 10) {
      group.tick(10, [1, 2]);
      group.drop({ kind: 'GetBlocks' });
      group.settleOnly(
        [1, 2],
        [
          'StartViewChange',
          'DoViewChange',
          'StartView',
          'Prepare',
          'PrepareOk',
          'Commit',
          'CommitOk',
        ],
      );
    }
    expect(group.view(2)).toMatchObject({ status: 'normal', serving: true });
    expect(group.view(1).stateWhole).toBe(false);
  });
});

function spoil<L extends { readonly message: Message }>(letter: L): L {
  const message = letter.message as Blocks;
  const blocks = message.blocks.map((bytes) => bytes && Uint8Array.from(bytes, (one) => one ^ 1));
  return { ...letter, message: { ...message, blocks } };
}
