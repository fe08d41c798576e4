import type { SessionId } from '@lockstep/vr-core';
import fc from 'fast-check';
import { FILE_SIZE_MAX } from '../model/limits';
import { at, SoloFiles, type SoloProcess } from '../twin/solo-files';
import { close, objectOf, openFile, processWithSession, type Named } from '../twin/solo-open';
import { FilesWithTables } from '../twin/files-with-tables';
import { LOCKS_MAX } from './conflict';

type Mode = 'read' | 'write' | 'unlock';

const plock = (
  process: SoloProcess,
  on: Named,
  mode: Mode,
  [start, length]: readonly [number, number],
  owner = 'o',
): string => process.call({ kind: 'plock', object: objectOf(on), owner, mode, start, length });

/** Owner, mode and range of each lock; `w 5+3` is for writing, from byte 5 three bytes long. */
function told(
  process: SoloProcess,
  question?: { readonly mode: 'read' | 'write'; readonly range: readonly [number, number] },
): readonly string[] {
  const plock = question && {
    owner: 'o',
    mode: question.mode,
    start: question.range[0],
    length: question.range[1],
  };
  const result = process.run({ kind: 'getlocks', object: at('/f'), plock });
  if (result.kind === 'refused') return [result.code];
  if (result.kind !== 'locks') throw new Error('getlocks gives locks');
  return result.locks.map(
    ({ owner, exclusive, start, length }) =>
      `${owner} ${exclusive ? 'w' : 'r'} ${start}+${length === 0 ? 'end' : length}`,
  );
}

function start(): { files: SoloFiles; ann: SoloProcess; bob: SoloProcess } {
  const files = new SoloFiles();
  const ann = processWithSession(files);
  const bob = processWithSession(files);
  ann.create('/f', 0o666);
  return { files, ann, bob };
}

describe('plock', () => {
  it('is for one writer or many readers of a byte: EAGAIN, and the rule', () => {
    const { ann, bob } = start();
    expect(plock(ann, '/f', 'read', [0, 10])).toBe('ok');
    expect(plock(bob, '/f', 'read', [5, 10])).toBe('ok');
    expect(plock(bob, '/f', 'write', [9, 1])).toBe('EAGAIN');
    expect(plock(bob, '/f', 'write', [10, 1])).toBe('ok');
    const object = at('/f');
    expect(
      ann.run({ kind: 'plock', object, owner: 'o', mode: 'read', start: 10, length: 1 }),
    ).toMatchObject({ code: 'EAGAIN', rule: 'held' });
  });

  it('tells owners of one session apart, and sessions with one owner', () => {
    const { ann, bob } = start();
    plock(ann, '/f', 'write', [0, 1], 'p1');
    expect([
      plock(ann, '/f', 'write', [0, 1], 'p2'),
      plock(bob, '/f', 'write', [0, 1], 'p1'),
      plock(ann, '/f', 'read', [0, 1], 'p1'),
    ]).toEqual(['EAGAIN', 'EAGAIN', 'ok']);
  });

  it.each([
    ['an end', [['read', [0, 10]] as const, ['unlock', [5, 9]] as const], ['o r 0+5']],
    ['a start', [['read', [5, 10]] as const, ['unlock', [0, 7]] as const], ['o r 7+8']],
    [
      'the middle',
      [['read', [0, 10]] as const, ['unlock', [4, 2]] as const],
      ['o r 0+4', 'o r 6+4'],
    ],
    [
      'the tail of what has no end',
      [['write', [5, 0]] as const, ['unlock', [9, 0]] as const],
      ['o w 5+4'],
    ],
    [
      'a part of what has no end',
      [['write', [0, 0]] as const, ['unlock', [9, 1]] as const],
      ['o w 0+9', 'o w 10+end'],
    ],
    ['all of it', [['write', [3, 4]] as const, ['unlock', [0, 0]] as const], []],
    ['what is not locked', [['write', [3, 4]] as const, ['unlock', [7, 9]] as const], ['o w 3+4']],
    ['neighbours', [['read', [0, 5]] as const, ['read', [5, 5]] as const], ['o r 0+10']],
    [
      'the gap',
      [['read', [0, 2]] as const, ['read', [4, 2]] as const, ['read', [2, 2]] as const],
      ['o r 0+6'],
    ],
    [
      'neighbours of another mode',
      [['read', [0, 5]] as const, ['write', [5, 5]] as const],
      ['o r 0+5', 'o w 5+5'],
    ],
    [
      'a stronger middle',
      [['read', [0, 9]] as const, ['write', [3, 3]] as const],
      ['o r 0+3', 'o w 3+3', 'o r 6+3'],
    ],
    [
      'a weaker middle',
      [['write', [0, 9]] as const, ['read', [3, 3]] as const],
      ['o w 0+3', 'o r 3+3', 'o w 6+3'],
    ],
    [
      'a range over all',
      [['read', [1, 1]] as const, ['write', [4, 1]] as const, ['read', [0, 0]] as const],
      ['o r 0+end'],
    ],
    ['the last byte', [['write', [FILE_SIZE_MAX, 1]] as const], [`o w ${FILE_SIZE_MAX}+end`]],
  ])('splits, joins and replaces ranges of its own: %s', (_what, steps, expected) => {
    const { ann } = start();
    for (const [mode, range] of steps) expect(plock(ann, '/f', mode, range)).toBe('ok');
    expect(told(ann)).toEqual(expected);
  });

  it('reaches to the last byte a file may have, and not beyond: EINVAL', () => {
    const { ann } = start();
    expect(plock(ann, '/f', 'read', [FILE_SIZE_MAX, 2])).toBe('EINVAL');
    expect(plock(ann, '/f', 'read', [1, FILE_SIZE_MAX])).toBe('ok');
    expect(told(ann)).toEqual(['o r 1+end']);
  });

  it('needs a session: EINVAL, and the rule', () => {
    const { files } = start();
    const nobody = files.process();
    const object = at('/f');
    expect(
      nobody.run({ kind: 'plock', object, owner: 'o', mode: 'read', start: 0, length: 0 }),
    ).toMatchObject({ code: 'EINVAL', rule: 'no-session' });
  });

  it('asks what `open` would ask: by a path for permission, by a handle what it was opened for', () => {
    const { files, ann } = start();
    ann.chmod('/f', 0o444);
    const eve = processWithSession(files, { uid: 5, gids: [5] });
    expect([plock(eve, '/f', 'read', [0, 0]), plock(eve, '/f', 'write', [0, 0])]).toEqual([
      'ok',
      'EACCES',
    ]);
    const reads = openFile(ann, '/f', 'RDONLY');
    const writes = openFile(ann, '/f', 'WRONLY');
    expect([
      plock(ann, reads, 'write', [0, 1]),
      plock(ann, writes, 'read', [0, 1]),
      plock(ann, writes, 'unlock', [0, 1]),
    ]).toEqual(['EBADF', 'EBADF', 'ok']);
  });

  it('is of what can be opened', () => {
    const { ann } = start();
    ann.mkdir('/d');
    ann.mknod('/s', 'socket');
    expect([
      plock(ann, '/d', 'read', [0, 0]),
      plock(ann, '/d', 'write', [0, 0]),
      plock(ann, '/s', 'read', [0, 0]),
      plock(ann, '/nothing', 'read', [0, 0]),
    ]).toEqual(['ok', 'EISDIR', 'EINVAL', 'ENOENT']);
  });

  it('goes when the session closes any handle of the file, whoever its owner is', () => {
    const { ann, bob } = start();
    const [one, other] = [openFile(ann, '/f', 'RDWR'), openFile(ann, '/f', 'RDONLY')];
    plock(ann, one, 'write', [0, 1], 'p1');
    plock(ann, one, 'write', [1, 1], 'p2');
    plock(bob, '/f', 'write', [2, 1]);
    close(ann, other);
    expect(told(ann)).toEqual(['o w 2+1']);
  });

  it(`lets ${LOCKS_MAX} ranges of a file be locked: ENOLCK, also for an unlock that would make one more`, () => {
    const { ann, bob } = start();
    for (let count = 1; count < LOCKS_MAX; count += 1) plock(ann, '/f', 'read', [count * 10, 5]);
    expect(plock(bob, '/f', 'read', [10, 5])).toBe('ok');
    expect([
      plock(bob, '/f', 'read', [0, 5]),
      plock(ann, '/f', 'unlock', [11, 1]),
      plock(ann, '/f', 'read', [15, 5]),
      plock(bob, '/f', 'read', [0, 5]),
    ]).toEqual(['ENOLCK', 'ENOLCK', 'ok', 'ok']);
  });
});

describe('getlocks', () => {
  it('tells the first that would forbid a range, and none of one’s own', () => {
    const { ann, bob } = start();
    plock(ann, '/f', 'read', [10, 5]);
    plock(ann, '/f', 'write', [20, 5]);
    expect(told(bob, { mode: 'write', range: [0, 0] })).toEqual(['o r 10+5']);
    expect(told(bob, { mode: 'read', range: [0, 0] })).toEqual(['o w 20+5']);
    expect(told(bob, { mode: 'write', range: [0, 10] })).toEqual([]);
    expect(told(ann, { mode: 'write', range: [0, 0] })).toEqual([]);
    expect(told(bob, { mode: 'write', range: [5, FILE_SIZE_MAX] })).toEqual(['EINVAL']);
  });

  it('tells whose they are', () => {
    const { ann, bob } = start();
    plock(ann, '/f', 'write', [0, 1], 'öwner');
    const object = at('/f');
    const session = ann.options.session;
    expect(bob.run({ kind: 'getlocks', object, plock: undefined })).toEqual({
      kind: 'locks',
      locks: [{ kind: 'plock', session, owner: 'öwner', exclusive: true, start: 0, length: 1 }],
    });
  });
});

/** Who has locked each byte, and how. */
const BYTES = 24;
const OWNERS = ['a', 'b', 'c'];

class NaiveLocks {
  private readonly held = OWNERS.map(() => Array<Mode>(BYTES).fill('unlock'));

  lock(owner: number, mode: Mode, from: number, to: number): boolean {
    for (let byte = from; byte < to; byte += 1)
      for (const [other, modes] of this.held.entries()) {
        const there = modes[byte];
        if (other === owner || mode === 'unlock' || there === 'unlock') continue;
        if (mode === 'write' || there === 'write') return false;
      }
    this.held[owner]?.fill(mode, from, to);
    return true;
  }

  /** As `told` has it, with the last byte standing for all that follow it. */
  get told(): readonly string[] {
    return this.held.flatMap((modes, owner) => {
      const ranges: string[] = [];
      for (let from = 0; from < BYTES;) {
        let to = from;
        while (to < BYTES && modes[to] === modes[from]) to += 1;
        const length = to === BYTES ? 'end' : to - from;
        if (modes[from] !== 'unlock')
          ranges.push(`${OWNERS[owner]} ${modes[from] === 'write' ? 'w' : 'r'} ${from}+${length}`);
        from = to;
      }
      return ranges;
    });
  }
}

const steps = fc.array(
  fc.record({
    owner: fc.nat(OWNERS.length - 1),
    mode: fc.constantFrom<Mode>('read', 'write', 'unlock', 'unlock'),
    from: fc.nat(BYTES - 2),
    /** 0 is to the end. */
    length: fc.nat(9),
  }),
  { maxLength: 30 },
);

describe('ranges', () => {
  it('are what a naive table of bytes has, whatever is locked and unlocked, in one session or several', () => {
    fc.assert(
      fc.property(steps, fc.boolean(), (all, together) => {
        const files = new FilesWithTables();
        const { tables } = files;
        const first = processWithSession(files);
        const processes = OWNERS.map(() => (together ? first : processWithSession(files)));
        first.create('/f');
        const naive = new NaiveLocks();
        for (const { owner, mode, from, length } of all) {
          const to = length === 0 ? BYTES : Math.min(from + length, BYTES - 1);
          const isDone = naive.lock(owner, mode, from, to);
          const process = processes[owner] as SoloProcess;
          const range = [from, length === 0 ? 0 : to - from] as const;
          expect(plock(process, '/f', mode, range, OWNERS[owner])).toBe(isDone ? 'ok' : 'EAGAIN');
          expect([...told(first)].sort()).toEqual([...naive.told].sort());
        }
        for (const { options } of processes) files.solo.closeSession(options.session as SessionId);
        expect([tables.locks.size, tables.lockers.size]).toEqual([0, 0]);
      }),
      { numRuns: 150 },
    );
  });
});
