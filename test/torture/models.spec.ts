import { History, type Outcome, type Question } from '../../torture/src/history/history';
import { search } from '../../torture/src/history/linearizable';
import type { Model } from '../../torture/src/history/history';
import { goTogether, lockModel, MODES } from '../../torture/src/models/lock-model';
import { treeModel } from '../../torture/src/models/tree-model';

const done = (value: unknown = {}): Outcome => ({ kind: 'done', value, place: undefined });
const refused = (code: string): Outcome => ({ kind: 'refused', code, place: undefined });

/** One after the other. */
function verdictOf<State>(
  model: Model<State>,
  told: readonly (readonly [Question, Outcome])[],
): string {
  const history = new History();
  for (const [n, [question, outcome]] of told.entries())
    history.complete(history.invoke('ann', question, 2 * n), outcome, 2 * n + 1);
  return search(model, history.calls).verdict;
}

describe('the model of a lock', () => {
  const take = (owner: string, mode: string, session = owner): Question => ({
    service: 'locks',
    kind: 'acquire',
    owner,
    mode,
    session,
  });
  const give = (owner: string): Question => ({ service: 'locks', kind: 'release', owner });
  const granted = (fence: number): Outcome => done({ fence: `${fence}` });
  const released = done({ outcome: 'released' });
  const verdict = (...told: (readonly [Question, Outcome])[]) => verdictOf(lockModel, told);

  it('says the same of both modes, whichever is held', () => {
    for (const a of MODES) for (const b of MODES) expect(goTogether(a, b)).toBe(goTogether(b, a));
  });

  it('lets readers stand together, and nobody beside a writer', () => {
    expect(verdict([take('a', 'shared'), granted(1)], [take('b', 'shared'), granted(2)])).toBe(
      'linearizable',
    );
    expect(verdict([take('a', 'exclusive'), granted(1)], [take('b', 'shared'), granted(2)])).toBe(
      'impossible',
    );
  });

  it('has no grant under a fence that was passed', () => {
    const told = [[take('a', 'shared'), granted(5)] as const];
    expect(verdict(...told, [take('b', 'shared'), granted(5)])).toBe('impossible');
  });

  it('refuses nobody a lock that is free', () => {
    expect(verdict([take('a', 'exclusive'), refused('lock-held')])).toBe('impossible');
  });

  it('keeps a hold until it is released, or its session may have ended', () => {
    const held = [take('a', 'exclusive', 's'), granted(1)] as const;
    const next = [take('b', 'exclusive'), granted(2)] as const;
    const end = [{ service: 'locks', kind: 'end', session: 's' }, done()] as const;
    expect(verdict(held, [give('a'), released], next)).toBe('linearizable');
    expect(verdict(held, end, next)).toBe('linearizable');
    expect(verdict(held, end, [give('a'), released])).toBe('impossible');
  });
});

describe('the model of a directory', () => {
  const ask = (kind: string, fields: object): Question => ({ service: 'files', kind, ...fields });
  const verdict = (...told: (readonly [Question, Outcome])[]) => verdictOf(treeModel, told);
  const file = (ino: string, nlink = 1): Outcome => done({ ino, type: 'file', mode: 0o644, nlink });
  const create = ask('create', { path: 'a', mode: 0o644, exclusive: true });

  it('knows an inode again by whatever name', () => {
    const linked = ask('link', { from: 'a', to: 'b' });
    const stat = ask('stat', { path: 'b' });
    expect(verdict([create, file('7')], [linked, file('7', 2)], [stat, file('7', 2)])).toBe(
      'linearizable',
    );
    expect(verdict([create, file('7')], [linked, file('7', 2)], [stat, file('8', 2)])).toBe(
      'impossible',
    );
  });

  it('refuses what POSIX refuses, and with nothing else', () => {
    expect(verdict([create, file('7')], [create, refused('EEXIST')])).toBe('linearizable');
    expect(verdict([create, refused('EEXIST')])).toBe('impossible');
    expect(verdict([ask('rmdir', { path: 'a' }), refused('ENOTDIR')])).toBe('impossible');
  });

  it('moves what is below with a directory', () => {
    const told = [
      [ask('mkdir', { path: 's', mode: 0o755 }), done()],
      [ask('create', { path: 's/x', mode: 0o644 }), file('9')],
      [ask('rename', { from: 's', to: 't' }), done()],
    ] as const;
    expect(verdict(...told, [ask('stat', { path: 't/x' }), file('9')])).toBe('linearizable');
    expect(verdict(...told, [ask('stat', { path: 's/x' }), file('9')])).toBe('impossible');
    expect(verdict(...told, [ask('stat', { path: 's/x' }), refused('ENOENT')])).toBe(
      'linearizable',
    );
  });

  it('takes one branch of a transaction, whole or not at all', () => {
    const txn = ask('txn', {
      if: { path: 'b', exists: false },
      then: ask('rename', { from: 'a', to: 'b' }),
      else: ask('unlink', { path: 'b' }),
    });
    const taken = done({ succeeded: true, done: true, results: [{ result: {} }] });
    const list = ask('readdir', { path: '' });
    const names = (...all: string[]): Outcome =>
      done({ entries: all.map((name) => ({ name, type: 'file' })) });
    expect(verdict([create, file('7')], [txn, taken], [list, names('b')])).toBe('linearizable');
    expect(verdict([create, file('7')], [txn, taken], [list, names('a', 'b')])).toBe('impossible');
    expect(verdict([txn, taken])).toBe('impossible');
  });
});
