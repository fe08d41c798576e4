import type { Message } from '@lockstep/vr-core';
import type { Substitution } from '../simulation/source-loader';
import { HandDrivenGroup, type Letter } from './hand-driven-group';

function of<K extends Message['kind']>(letters: readonly Letter[], kind: K) {
  return letters
    .map(({ message }) => message)
    .filter((message): message is Extract<Message, { kind: K }> => message.kind === kind);
}

describe('VRR §4.1 normal operation', () => {
  it('sends the entry to every backup before it answers anyone (steps 3, 7)', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    group.add(0, 'a');
    expect(group.letters.filter(({ message }) => message.kind === 'Prepare')).toHaveLength(2);
    expect(group.acknowledged('a')).toBe(false);
  });

  it('commits with f backups: the slowest is not waited for (step 5)', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    group.add(0, 'a');
    group.deliver({ kind: 'Prepare', to: 2 });
    expect(group.acknowledged('a')).toBe(false);
    group.deliver({ kind: 'PrepareOk', from: 2 });
    expect(group.acknowledged('a')).toBe(true);
  });

  it('counts one acknowledgement a backup, however often it comes (step 5)', () => {
    const group = new HandDrivenGroup(5);
    group.settle([0, 1, 2, 3, 4]);
    group.add(0, 'a');
    group.deliver({ kind: 'Prepare', to: 1 });
    const [ok] = group.hold({ kind: 'PrepareOk', from: 1 });
    if (ok === undefined) throw new Error('no acknowledgement');
    for (let again = 0; again < 3; again += 1) group.hand(ok);
    expect(group.acknowledged('a')).toBe(false);
    group.deliver({ kind: 'Prepare', to: 2 });
    group.deliver({ kind: 'PrepareOk', from: 2 });
    expect(group.acknowledged('a')).toBe(true);
  });

  it('has a backup execute an op only when it learns that it is committed (steps 4, 6)', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    group.add(0, 'a');
    group.deliver({ kind: 'Prepare', to: 1 });
    expect(group.valueAt(1, 'a')).toBe(0);
    group.settle([0, 1]);
    expect(group.valueAt(1, 'a')).toBe(1);
  });

  it('has a backup ask for what it has missed, and keep what it holds (step 4, §5.2)', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    group.add(0, 'a');
    group.settle([0, 1]);
    group.drop();
    group.add(0, 'b');
    group.deliver({ kind: 'Prepare', to: 2 });
    expect(group.notes).toContain('2: Prepare <- 0: gap in the log');
    expect(group.view(2).opNumber).toBe(1);
    group.settle([0, 2]);
    expect(group.view(2).opNumber).toBe(3);
    expect(group.valueAt(2, 'a')).toBe(1);
  });

  it('executes a request once, however often and wherever it is sent (step 2)', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    for (const door of [0, 1, 2, 1, 0]) group.add(door, 'a');
    group.settle([0, 1, 2]);
    for (const door of [2, 0, 1]) group.add(door, 'a');
    group.settle([0, 1, 2]);
    for (const number of [0, 1, 2]) expect(group.valueAt(number, 'a')).toBe(1);
  });

  it('takes a request at a backup and answers there (D20)', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    group.add(2, 'a');
    group.deliver({ kind: 'Forward', from: 2, to: 0 });
    group.deliver({ kind: 'Prepare', to: 1 });
    group.deliver({ kind: 'PrepareOk', from: 1 });
    expect(group.acknowledged('a')).toBe(false);
    group.deliver({ kind: 'Forwarded', to: 2 });
    expect(group.answers.get('a')).toMatchObject({ kind: 'outcome', replayed: false });
  });

  it('lets the door answer from its own execution when FORWARDED is lost (D20)', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    group.add(2, 'a');
    group.deliver({ kind: 'Forward', from: 2, to: 0 });
    group.deliver({ kind: 'Prepare', to: 2 });
    group.deliver({ kind: 'PrepareOk', from: 2 });
    group.drop({ kind: 'Forwarded' });
    group.settle([0, 2]);
    expect(group.acknowledged('a')).toBe(true);
  });

  it('says no-primary for what never left the door, and outcome-unknown for what did', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    group.add(2, 'sent');
    group.drop();
    group.seeLost(1, 0);
    group.deliver({ kind: 'StartViewChange', to: 2 });
    group.seeLost(2, 0);
    expect(group.view(2).status).toBe('view-change');
    group.add(2, 'kept');
    group.tick(70_000, [2]);
    expect(group.answers.get('sent')).toEqual({ kind: 'problem', code: 'outcome-unknown' });
    expect(group.answers.get('kept')).toEqual({ kind: 'problem', code: 'no-primary' });
  });
});

describe('D16: entries are chained, and an acknowledgement names what it acknowledges', () => {
  it('counts no acknowledgement of another entry', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    group.add(0, 'a');
    group.deliver({ kind: 'Prepare', to: 1 });
    const [letter] = group.hold({ kind: 'PrepareOk', from: 1 });
    if (letter?.message.kind !== 'PrepareOk') throw new Error('no acknowledgement');
    group.hand({ ...letter, message: { ...letter.message, entryHash: 'another' as never } });
    expect(group.acknowledged('a')).toBe(false);
    expect(group.notes).toContain('0: PrepareOk <- 1: another entry');
    group.hand(letter);
    expect(group.acknowledged('a')).toBe(true);
  });

  it('takes no entry that does not name our head as its parent', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    group.add(0, 'a');
    const [letter] = group.hold({ kind: 'Prepare', to: 1 });
    if (letter?.message.kind !== 'Prepare') throw new Error('no PREPARE');
    const entry = letter.message.entry.slice();
    entry[5] = (entry[5] ?? 0) ^ 1; // inside the parent's hash
    group.hand({ ...letter, message: { ...letter.message, entry } });
    expect(group.view(1).opNumber).toBe(1);
    expect(group.notes).toContain('1: Prepare <- 0: does not join our log');
  });
});

describe('D17: k of COMMIT is not the op-number', () => {
  it('asks for what is committed and missing, and executes only what it holds', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    group.add(0, 'a');
    group.settle([0, 1]);
    group.drop();
    group.tick(20, [0]);
    group.deliver({ kind: 'Commit', to: 2 });
    expect(group.view(2)).toMatchObject({ opNumber: 1, executedNumber: 1, commitNumber: 2 });
    group.settle([0, 2]);
    expect(group.view(2)).toMatchObject({ opNumber: 2, executedNumber: 2 });
  });

  it('stops a replica that holds another entry than the group has committed', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    group.tick(20, [0]);
    const [letter] = group.hold({ kind: 'Commit', to: 1 });
    if (letter?.message.kind !== 'Commit') throw new Error('no COMMIT');
    const other = { ...letter, message: { ...letter.message, commitHash: 'another' as never } };
    expect(() => group.hand(other)).toThrow('what the group has committed is what we hold');
  });
});

describe('D18: an acknowledgement means that the disk has it', () => {
  const ackOnReceipt: Substitution = {
    file: 'libs/vr-core/src/normal-operation/append.ts',
    text: 'store(state, { log: { afterOp, entries } }, out);',
    by: 'store(state, { log: { afterOp, entries } }, out); state.stores.storedNumber = state.log.opNumber;',
  };

  it('is not sent before the store is durable, and the primary waits for its own disk too', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    group.holdDisk(0);
    group.holdDisk(1);
    group.add(0, 'a');
    group.deliver({ kind: 'Prepare', to: 1 });
    expect(group.hold({ kind: 'PrepareOk' })).toEqual([]);
    group.releaseDisk(1);
    group.deliver({ kind: 'PrepareOk', from: 1 });
    expect(group.acknowledged('a')).toBe(false);
    group.releaseDisk(0);
    expect(group.acknowledged('a')).toBe(true);
  });

  it('loses an acknowledged operation when all stop at once and nobody had waited', () => {
    const group = new HandDrivenGroup(3, [ackOnReceipt]);
    group.settle([0, 1, 2]);
    for (const number of [0, 1, 2]) group.holdDisk(number);
    group.add(0, 'a');
    group.deliver({ kind: 'Prepare', to: 1 });
    group.run(20, [0, 1]);
    expect(group.acknowledged('a')).toBe(true);
    for (const number of [0, 1, 2]) group.crash(number);
    group.drop();
    for (const number of [0, 1, 2]) group.restart(number);
    group.run(400, [0, 1, 2]);
    expect(group.view(1).status).toBe('normal');
    expect(group.valueAt(1, 'a')).toBe(0);
  });
});

describe('D19: the heartbeat is answered', () => {
  it('goes out every 20 ms, and its answer repeats a lost acknowledgement', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    group.add(0, 'a');
    group.deliver({ kind: 'Prepare', to: 1 });
    group.drop();
    expect(group.acknowledged('a')).toBe(false);
    group.tick(20, [0]);
    group.deliver({ kind: 'Commit', to: 1 });
    group.deliver({ kind: 'CommitOk', from: 1 });
    expect(group.acknowledged('a')).toBe(true);
  });

  it('repeats PREPAREs that nobody acknowledged', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    group.run(50, [0, 1, 2]);
    group.add(0, 'a');
    group.drop();
    group.tick(100, [0]);
    expect(of(group.hold({ kind: 'Prepare', to: 1 }), 'Prepare')).toHaveLength(1);
  });
});

describe('D21: the client table holds committed requests only', () => {
  const tableOnReceipt: Substitution = {
    file: 'libs/vr-core/src/view-change/leave-view.ts',
    text: 'primary.inFlight = new Map();',
    by: '',
  };

  /** A request that only the deposed primary has seen; that replica becomes primary again. */
  function droppedRequest(group: HandDrivenGroup): HandDrivenGroup {
    group.settle([0, 1, 2]);
    group.add(0, 'a');
    group.tick(70_000, [0]); // Its client gives up for now.
    group.drop();
    for (const one of [1, 2]) group.seeLost(one, 0);
    group.settle([1, 2]);
    group.run(200, [0, 1, 2]);
    group.seeFound(1, 0);
    group.seeFound(2, 0);
    for (const one of [0, 2]) group.seeLost(one, 1);
    group.run(300, [0, 2]);
    for (const one of [0, 1]) group.seeLost(one, 2);
    group.run(600, [0, 1]);
    expect(group.view(0)).toMatchObject({ status: 'normal', primary: 0 });
    group.answers.clear();
    group.add(0, 'a');
    group.run(200, [0, 1]);
    return group;
  }

  it('takes the retry of a request that a view change has dropped', () => {
    const group = droppedRequest(new HandDrivenGroup(3));
    expect(group.answers.get('a')).toMatchObject({ kind: 'outcome' });
  });

  it('would lock the client out if receipt were remembered', () => {
    const group = droppedRequest(new HandDrivenGroup(3, [tableOnReceipt]));
    expect(group.answers.get('a')).toBeUndefined();
  });
});

describe('VRR §6.2 batching', () => {
  it('does not delay a lone request, and puts what waits for a full pipeline into one entry', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    group.add(0, 'first');
    expect(
      of(group.letters, 'Prepare').filter(({ commitNumber }) => commitNumber === 1).length,
    ).toBe(2);
    for (let at = 0; at < 40; at += 1) group.add(0, `n${at}`);
    expect(group.view(0).opNumber).toBe(1 + 8);
    expect(group.view(0).queued).toBe(33);
    group.settle([0, 1, 2]);
    expect(group.view(0)).toMatchObject({ opNumber: 10, queued: 0 });
    expect(group.valueAt(2, 'n39')).toBe(1);
  });
});

describe('VRR §6.3 reads', () => {
  it('are confirmed by a quorum that heard the primary after they arrived', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    group.tick(20, [0]);
    const before = group.hold({ kind: 'Commit', to: 1 });
    group.read(0, 'a');
    const after = group.hold({ kind: 'Commit', to: 1 });
    expect(after).toHaveLength(1);
    for (const letter of before) group.hand(letter);
    group.settleOnly([0, 1], ['CommitOk']);
    expect(group.reads).toEqual([]);
    for (const letter of after) group.hand(letter);
    group.settleOnly([0, 1], ['CommitOk']);
    expect(group.reads).toEqual([0]);
  });

  it('are answered by no deposed primary', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    group.drop();
    for (const one of [1, 2]) group.seeLost(one, 0);
    group.settle([1, 2]);
    group.add(1, 'a');
    group.settle([1, 2]);
    expect(group.acknowledged('a')).toBe(true);
    group.drop();
    group.read(0, 'a');
    group.settle([0, 1, 2]);
    expect(group.reads).not.toContain(0);
    group.run(200, [0, 1, 2]);
    expect(group.reads).toEqual([1]);
  });

  it('may be answered by a backup, from the op that the primary names', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    group.add(0, 'a');
    group.deliver({ kind: 'Prepare', to: 1 });
    group.deliver({ kind: 'PrepareOk', from: 1 });
    group.hold({ kind: 'Commit' });
    group.read(2, 'a');
    group.settleOnly([0, 1, 2], ['ReadIndex', 'Commit', 'CommitOk', 'ReadIndexOk']);
    expect(group.reads).toEqual([]);
    group.settle([0, 1, 2]);
    expect(group.reads).toEqual([1]);
  });
});
