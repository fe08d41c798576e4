import type { Message } from '@lockstep/vr-core';
import type { Substitution } from '../simulation/source-loader';
import { HandDrivenGroup, type Letter } from './hand-driven-group';

type LogSegment = Extract<Message, { kind: 'LogSegment' }>;
type Acknowledgement = Extract<Message, { kind: 'PrepareOk' | 'CommitOk' }>;
type DoViewChange = Extract<Message, { kind: 'DoViewChange' }>;

/** A group that has committed an entry for each of these names, and in which everyone has executed them. */
function groupWith(
  names: readonly string[],
  size = 3,
  substitutions: readonly Substitution[] = [],
): HandDrivenGroup {
  const group = new HandDrivenGroup(size, substitutions);
  const all = Array.from({ length: size }, (_, number) => number);
  group.settle(all);
  for (const name of names) {
    group.add(0, name);
    group.settle(all);
  }
  group.run(50, all);
  return group;
}

function expectEverywhere(group: HandDrivenGroup, names: readonly string[]): void {
  for (const number of [0, 1, 2]) {
    expect(group.view(number).status).toBe('normal');
    for (const name of names) expect(group.valueAt(number, name)).toBe(1);
  }
}

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];
/** The first op of the group is its view's own, so this is the entry of the last name. */
const HEAD = NAMES.length + 1;

describe('GETLOG (D14)', () => {
  /** Replica 2 has lost its log and asks 0, then 1, for what they have committed. */
  function asking(): HandDrivenGroup {
    const group = groupWith(NAMES);
    group.crash(2, { log: true });
    group.drop();
    group.restart(2);
    group.settleOnly([0, 1, 2], ['Recovery', 'RecoveryResponse']);
    return group;
  }

  it('is put to another replica when the first does not answer', () => {
    const group = asking();
    group.drop({ kind: 'GetLog', to: 0 });
    group.tick(100, [2]);
    group.deliver({ kind: 'GetLog', from: 2, to: 1 });
    group.deliver({ kind: 'LogSegment', from: 1, to: 2 });
    expect(group.view(2)).toMatchObject({ status: 'normal', opNumber: HEAD });
  });

  it('is put to one that is said to be lost, too, when nobody else has the entry', () => {
    const group = asking();
    group.drop({ kind: 'GetLog' });
    group.seeLost(2, 0);
    group.crash(1, { log: true });
    group.restart(1);
    group.run(300, [0, 2]);
    expect(group.view(2)).toMatchObject({ status: 'normal', opNumber: HEAD });
  });

  it('is answered in view change, and by a replica that lacks the entry with nothing', () => {
    const group = asking();
    const [question] = group.hold({ kind: 'GetLog', to: 0 });
    if (question === undefined) throw new Error('nothing was asked');
    group.crash(1, { log: true });
    group.restart(1);
    group.hand({ ...question, to: 1 });
    const [nothing] = group.hold({ kind: 'LogSegment', from: 1 });
    expect(segment(nothing).entries).toEqual([]);
    group.input(0, { kind: 'step-down' });
    group.crash(0);
    group.restart(0);
    expect(group.view(0).status).toBe('view-change');
    group.hand(question);
    const [answer] = group.hold({ kind: 'LogSegment', from: 0 });
    expect(segment(answer).entries).toHaveLength(HEAD);
  });

  it('goes on at once with the next replica when one lacks the entry', () => {
    const group = asking();
    const [question] = group.hold({ kind: 'GetLog', to: 0 });
    if (question === undefined) throw new Error('nothing was asked');
    const { ticket } = question.message as Extract<Message, { kind: 'GetLog' }>;
    const header = { epochNumber: 0, viewNumber: 0, replicaNumber: 0, incarnation: 1 } as never;
    const nothing = { entries: [], checkpoint: undefined, ticket } as never;
    group.hand({
      from: 0,
      to: 2,
      message: { kind: 'LogSegment', ...(header as object), ...(nothing as object) } as LogSegment,
    });
    group.deliver({ kind: 'GetLog', from: 2, to: 1 });
    group.deliver({ kind: 'LogSegment', from: 1, to: 2 });
    expect(group.view(2).status).toBe('normal');
  });

  it('takes an answer that comes late, and from whomever, and none that ends elsewhere', () => {
    const group = asking();
    group.deliver({ kind: 'GetLog', from: 2, to: 0 });
    const [late] = group.hold({ kind: 'LogSegment' });
    group.tick(100, [2]);
    group.drop();
    if (late === undefined) throw new Error('nothing was answered');
    const { entries } = segment(late);
    group.hand({ ...late, message: { ...segment(late), entries: entries.slice(0, -1) } });
    expect(group.view(2).status).toBe('recovering');
    group.hand(late);
    expect(group.view(2)).toMatchObject({ status: 'normal', opNumber: HEAD });
  });
});

describe('damaged entries (E42, D28)', () => {
  it('come back from the group, and are on the disk again', () => {
    const group = groupWith(NAMES);
    group.crash(2);
    group.damage(2, 3);
    group.damage(2, 5);
    group.restart(2);
    expect(group.view(2).executedNumber).toBe(2);
    group.run(200, [0, 1, 2]);
    expectEverywhere(group, NAMES);
    for (const op of [3, 5]) expect(group.holdsOnDisk(2, op)).toBe(true);
  });

  it('come back when each of three replicas has lost another one, and all of them were down', () => {
    const group = groupWith(NAMES);
    for (const number of [0, 1, 2]) {
      group.crash(number);
      group.damage(number, 2 + number);
    }
    group.drop();
    for (const number of [0, 1, 2]) group.restart(number);
    group.run(1_000, [0, 1, 2]);
    expectEverywhere(group, NAMES);
    for (const number of [0, 1, 2]) expect(group.holdsOnDisk(number, 2 + number)).toBe(true);
  });

  it('are not acknowledged, nor is what comes after them, while they are missing', () => {
    const group = groupWith(NAMES);
    group.crash(2);
    group.damage(2, 3);
    group.drop();
    group.restart(2);
    const said: Letter[] = [];
    group.onSend = (letter) => {
      if (letter.from === 2) said.push(letter);
    };
    group.drop({ kind: 'GetLog' });
    group.add(0, 'g');
    // Everything but the missing entry itself gets through.
    for (let round = 0; round < 100; round += 1) {
      group.tick(10, [0, 1, 2]);
      group.drop({ kind: 'GetLog' });
      group.settle([0, 1, 2]);
    }
    expect(said.map(({ message }) => message.kind)).toContain('GetLog');
    const acknowledged = said.filter(({ message }) => isAcknowledgement(message));
    expect(acknowledged).toEqual([]);
    expect(group.view(2).executedNumber).toBe(2);
    expect(group.acknowledged('g')).toBe(true);
  });

  /**
   * Replicas 0 and 2 have committed `a` and `b`, which 2 does not know yet, and 1 has heard of neither. 0 is gone; 2 holds
   * what is left, with a damaged entry.
   */
  function lastCopy(substitutions: readonly Substitution[] = []): HandDrivenGroup {
    const group = new HandDrivenGroup(3, substitutions);
    group.settle([0, 1, 2]);
    group.add(0, 'a');
    group.add(0, 'b');
    group.settleOnly([0, 2], ['Prepare', 'PrepareOk']);
    group.drop();
    for (const name of ['a', 'b']) expect(group.acknowledged(name)).toBe(true);
    group.crash(0);
    group.crash(2);
    group.damage(2, 2);
    group.restart(2);
    return group;
  }

  it('are not denied: the head stands in DOVIEWCHANGE, and no view begins without them', () => {
    const group = lastCopy();
    const offers: DoViewChange[] = [];
    group.onSend = ({ from, message }) => {
      if (from === 2 && message.kind === 'DoViewChange') offers.push(message);
    };
    group.seeLost(1, 0);
    group.seeLost(2, 0);
    group.run(5_000, [1, 2]);
    expect(offers.length).toBeGreaterThan(0);
    for (const offer of offers) expect(offer.opNumber).toBe(3);
    expect(group.view(1).status).toBe('view-change');
    expect(group.view(2).status).toBe('view-change');
    // 0 has the entry: it is enough that it is there again.
    group.restart(0);
    group.seeFound(1, 0);
    group.seeFound(2, 0);
    group.run(20_000, [0, 1, 2]);
    expectEverywhere(group, ['a', 'b']);
  });

  it('lose acknowledged operations when a log is taken to end before the first of them', () => {
    const cut: Substitution = {
      file: 'libs/vr-core/src/recovery/repair-log.ts',
      text: 'joinReadable(state, beyond);',
      by: 'joinReadable(state, []);',
    };
    const group = lastCopy([cut]);
    group.seeLost(1, 0);
    group.seeLost(2, 0);
    group.run(2_000, [1, 2]);
    expect(group.view(1).status).toBe('normal');
    expect(group.valueAt(1, 'a')).toBe(0);
  });

  it('do not keep a replica from a later view whose log is not its own', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    // Only 2 hears of these, and nothing of them is committed.
    for (const name of ['a', 'b', 'c']) {
      group.add(0, name);
      group.deliver({ kind: 'Prepare', from: 0, to: 2 });
    }
    group.drop();
    group.crash(0);
    group.crash(2);
    group.damage(2, 3);
    group.seeLost(1, 0);
    group.crash(1);
    group.restart(1);
    group.restart(0);
    group.run(600, [0, 1]);
    const { viewNumber } = group.view(1);
    expect(viewNumber).toBeGreaterThan(0);
    group.restart(2);
    group.run(600, [0, 1, 2]);
    expect(group.view(2).status).toBe('normal');
    expect(group.view(2).opNumber).toBe(group.view(1).opNumber);
  });

  it('are had by a new primary before it begins its view', () => {
    const group = groupWith(NAMES);
    group.crash(1);
    group.damage(1, 4);
    group.restart(1);
    group.drop();
    group.seeLost(1, 0);
    group.seeLost(2, 0);
    group.run(1_000, [1, 2]);
    expect(group.view(1)).toMatchObject({ status: 'normal', viewNumber: 1, serving: true });
    for (const name of NAMES) expect(group.valueAt(1, name)).toBe(1);
  });

  it('leave the disk as it is until the whole log can be written', () => {
    const group = groupWith(NAMES);
    group.crash(2);
    group.damage(2, 3);
    group.drop();
    group.restart(2);
    group.holdDisk(2);
    group.run(50, [0, 1, 2]);
    group.crash(2);
    for (const op of [2, 4, 5, 6, HEAD]) expect(group.holdsOnDisk(2, op)).toBe(true);
    group.restart(2);
    group.run(200, [0, 1, 2]);
    expectEverywhere(group, NAMES);
  });
});

describe('a backup further behind than the log of its primary reaches', () => {
  it('is heard, so that the primary that is left with it goes on asking it', () => {
    const limits = { checkpointOps: 2, logKeepOps: 0, logKeepBytes: 0 };
    const group = new HandDrivenGroup(3, [], { limits });
    group.settle([0, 1, 2]);
    for (const name of NAMES) {
      group.add(0, name);
      group.run(100, [0, 1]);
    }
    group.drop();
    expect(group.view(0).baseNumber).toBeGreaterThan(group.view(2).opNumber);
    group.crash(1);
    // Longer than a primary waits for a quorum before it falls silent; the checkpoint takes longer still.
    for (let passed = 0; passed < 3_000; passed += 10) {
      group.tick(10, [0, 2]);
      group.settleOnly(
        [0, 2],
        ['Commit', 'CommitOk', 'Prepare', 'PrepareOk', 'GetState', 'NewState'],
      );
    }
    expect(group.notes.filter((note) => note.includes('no quorum heard'))).toEqual([]);
  });
});

function segment(letter: Letter | undefined): LogSegment {
  if (letter?.message.kind !== 'LogSegment') throw new Error('not a piece of a log');
  return letter.message;
}

function isAcknowledgement(message: Message): message is Acknowledgement {
  return (message.kind === 'PrepareOk' || message.kind === 'CommitOk') && message.opNumber >= 3;
}
