import { lockManager } from '../../lock-manager/plugin';
import { fenceIn, SoloLocks } from '../../lock-manager/twin/solo-locks';
import { fileSystem } from '../plugin';
import { at, bytesOf, SoloFiles, type SoloProcess } from '../twin/solo-files';
import type { FileOperation } from '../wire/operations';
import type { FileAnswer, FileResult } from '../wire/outcomes';
import type { Guard } from '../wire/requests';

const mkdir = (path: string): FileOperation => ({
  kind: 'mkdir',
  path: bytesOf(path),
  mode: 0o755,
  parents: false,
  sequential: false,
  life: { kind: 'permanent' },
});
const unlink = (path: string): FileOperation => ({ kind: 'unlink', path: bytesOf(path) });
const rename = (from: string, to: string): FileOperation => ({
  ...{ kind: 'rename', from: bytesOf(from), to: bytesOf(to) },
  ...{ noreplace: false, exchange: false, whiteout: false },
});
const exists = (path: string): Guard => ({ kind: 'exists', object: at(path) });
const absent = (path: string): Guard => ({ kind: 'absent', object: at(path) });

function etagOf(process: SoloProcess, path: string): Guard {
  const { ino, contentGen, metaGen } = process.attributes(path);
  return { kind: 'etag', object: at(path), ino, contentGen, metaGen };
}

type Submitted = ReturnType<SoloFiles['submit']>;

function guarded(process: SoloProcess, guards: readonly Guard[], op: FileOperation): Submitted {
  const { caller, volume } = process;
  const request = {
    kind: 'one',
    volume,
    caller,
    guards,
    dryRun: false,
    session: undefined,
    op,
  } as const;
  return process.files.submit(request, process.options);
}

function batch(process: SoloProcess, guards: readonly Guard[], ops: readonly FileOperation[]) {
  const { caller, volume } = process;
  const request = {
    kind: 'batch',
    volume,
    caller,
    guards,
    dryRun: false,
    session: undefined,
    ops,
  } as const;
  return process.files.submit({ ...request, atomic: false });
}

interface Branches {
  readonly then: readonly FileOperation[];
  readonly else: readonly FileOperation[];
}

function txn(process: SoloProcess, guards: readonly Guard[], branches: Branches): Submitted {
  const { caller, volume } = process;
  const request = {
    kind: 'txn',
    volume,
    caller,
    guards,
    dryRun: false,
    session: undefined,
    ...branches,
  } as const;
  return process.files.submit(request);
}

const tell = (result: FileResult): string => {
  if (result.kind === 'refused') return result.code;
  return result.kind === 'unmet' ? `unmet ${result.guard}` : 'ok';
};

/** What became of a request, in a line. */
function told({ answer, refused }: { answer: FileAnswer; refused: boolean }): string {
  const results = answer.kind === 'one' ? [answer.result] : answer.results;
  const line = results.map(tell).join(', ');
  const branch = answer.kind === 'txn' ? (answer.succeeded ? 'then: ' : 'else: ') : '';
  return `${branch}${line}${refused ? ' (refused)' : ''}`;
}

function someFiles(): SoloProcess {
  const process = new SoloFiles().process();
  process.mkdir('/d');
  process.create('/d/f');
  process.symlink('nowhere', '/dangling');
  process.mkdir('/locked', 0o700);
  process.create('/locked/f');
  process.chmod('/', 0o777);
  return process;
}

describe('a guard', () => {
  it.each([
    ['exists', exists('/d/f'), 'ok'],
    ['exists', exists('/d/g'), 'unmet 0 (refused)'],
    ['exists: a link to nothing', exists('/dangling'), 'unmet 0 (refused)'],
    ['exists: the link itself', { kind: 'exists', object: at('/dangling', false) }, 'ok'],
    ['exists: nothing on the way', exists('/no/way'), 'unmet 0 (refused)'],
    ['exists: where one may not look', exists('/locked/f'), 'EACCES (refused)'],
    [
      'exists: no number',
      { kind: 'exists', object: { kind: 'ino', ino: 99 } },
      'unmet 0 (refused)',
    ],
    ['absent', absent('/d/g'), 'ok'],
    ['absent', absent('/d/f'), 'unmet 0 (refused)'],
    ['absent: nothing on the way', absent('/no/way'), 'ok'],
    ['absent: below a file', absent('/d/f/g'), 'ok'],
    ['absent: where one may not look', absent('/locked/g'), 'EACCES (refused)'],
    ['absent: a name that is too long', absent(`/${'n'.repeat(256)}`), 'ENAMETOOLONG (refused)'],
  ] as readonly (readonly [string, Guard, string])[])('%s', (_name, guard, expected) => {
    const ann = someFiles().files.process({ uid: 1, gids: [1] });
    expect(told(guarded(ann, [guard], mkdir('/new')))).toBe(expected);
    expect(ann.stat('/new') === 'ENOENT').toBe(expected !== 'ok');
  });

  it('by ETag holds while nothing of the inode has changed', () => {
    const changes: readonly ((process: SoloProcess) => unknown)[] = [
      (process) => process.chmod('/d/f', 0o600),
      (process) => process.truncate('/d/f', 10),
      (process) => process.link('/d/f', '/g'),
      (process) => [process.unlink('/d/f'), process.create('/d/f')],
      (process) => process.unlink('/d/f'),
    ];
    for (const change of changes) {
      const process = someFiles();
      const etag = etagOf(process, '/d/f');
      process.mkdir('/other');
      expect(told(guarded(process, [etag], mkdir('/new')))).toBe('ok');
      change(process);
      expect(told(guarded(process, [etag], mkdir('/newer')))).toBe('unmet 0 (refused)');
    }
  });

  it('by ETag is for both ends of a rename', () => {
    const process = someFiles();
    process.create('/g');
    const both = [etagOf(process, '/d/f'), etagOf(process, '/g')];
    process.chmod('/g', 0o600);
    expect(told(guarded(process, both, rename('/d/f', '/g')))).toBe('unmet 1 (refused)');
    const now = [etagOf(process, '/d/f'), etagOf(process, '/g')];
    expect(told(guarded(process, now, rename('/d/f', '/g')))).toBe('ok');
  });

  it('that does not hold is told with the object as it is', () => {
    const process = someFiles();
    const etag = etagOf(process, '/d/f');
    process.chmod('/d/f', 0o600);
    const { answer } = guarded(process, [exists('/d'), etag], unlink('/d/f'));
    const attributes = process.attributes('/d/f');
    expect(answer).toEqual({ kind: 'one', result: { kind: 'unmet', guard: 1, attributes } });
  });

  it('is looked at in order: the first that fails is told', () => {
    const process = someFiles();
    const ann = process.files.process({ uid: 1, gids: [1] });
    const hidden = exists('/locked/f');
    expect(told(guarded(ann, [exists('/no'), hidden], mkdir('/a')))).toBe('unmet 0 (refused)');
    expect(told(guarded(ann, [hidden, exists('/no')], mkdir('/a')))).toBe('EACCES (refused)');
  });

  it('ends a batch before anything is executed, and changes nothing', () => {
    const process = someFiles();
    const before = process.files.digest();
    const ops = [mkdir('/a'), mkdir('/b')];
    expect(told(batch(process, [absent('/d')], ops))).toBe('unmet 0 (refused)');
    expect(process.files.digest()).toBe(before);
    expect(told(batch(process, [absent('/a')], ops))).toBe('ok, ok');
  });
});

describe('a transaction', () => {
  const branches = { then: [mkdir('/a'), mkdir('/a/b')], else: [mkdir('/else')] };

  it('executes all of then when every guard holds, and all of else when one does not', () => {
    const process = someFiles();
    expect(told(txn(process, [exists('/d'), absent('/a')], branches))).toBe('then: ok, ok');
    expect(told(txn(process, [exists('/d'), absent('/a')], branches))).toBe('else: ok');
    expect(process.names('/')).toEqual(['a', 'd', 'dangling', 'else', 'locked']);
  });

  it('is undone as a whole when one of its operations is refused', () => {
    const process = someFiles();
    const before = process.files.digest();
    const failing = [mkdir('/a'), unlink('/d/f'), mkdir('/a'), mkdir('/c')];
    const inThen = { then: failing, else: [] };
    expect(told(txn(process, [], inThen))).toBe('then: ok, ok, EEXIST (refused)');
    const inElse = { then: [], else: failing };
    expect(told(txn(process, [exists('/no')], inElse))).toBe('else: ok, ok, EEXIST (refused)');
    expect(process.files.digest()).toBe(before);
  });

  it('executes neither branch when a guard cannot be told', () => {
    const ann = someFiles().files.process({ uid: 1, gids: [1] });
    const request = txn(ann, [exists('/locked/f')], branches);
    expect(told(request)).toBe('else: EACCES (refused)');
    expect(ann.stat('/else')).toBe('ENOENT');
  });

  it('may do nothing', () => {
    expect(told(txn(someFiles(), [exists('/no')], { then: [mkdir('/a')], else: [] }))).toBe(
      'else: ',
    );
  });
});

describe('rename only if I still hold this lock (files.md N10)', () => {
  function holding() {
    const locks = new SoloLocks([lockManager(), fileSystem()]);
    const process = new SoloFiles(locks.solo).process();
    process.create('/old');
    const session = locks.open();
    const fence = fenceIn(locks.acquire(session, 'door'));
    const attempt = (held: bigint = fence, lock = 'door'): string =>
      told(guarded(process, [{ kind: 'held', lock, fence: held }], rename('/old', '/new')));
    return { locks, process, session, fence, attempt };
  }

  it('is done while the grant stands', () => {
    const { process, attempt } = holding();
    expect(attempt()).toBe('ok');
    expect(process.names('/')).toEqual(['new']);
  });

  it('is not done with another fence, or that of another lock', () => {
    const { process, fence, attempt } = holding();
    expect([attempt(fence + 1n), attempt(fence - 1n), attempt(fence, 'gate')]).toEqual(
      Array(3).fill('unmet 0 (refused)'),
    );
    expect(process.names('/')).toEqual(['old']);
  });

  it('is not done once the lock is released, also when it was acquired again', () => {
    const { locks, session, fence, attempt } = holding();
    locks.release(session, 'door', fence);
    expect(attempt()).toBe('unmet 0 (refused)');
    const again = fenceIn(locks.acquire(session, 'door'));
    expect([attempt(), attempt(again)]).toEqual(['unmet 0 (refused)', 'ok']);
  });

  it('is not done once the lock was broken', () => {
    const { locks, fence, attempt } = holding();
    locks.execute({ kind: 'break', lock: 'door', fence, graceMs: 0, reason: 'in the way' });
    expect(attempt()).toBe('unmet 0 (refused)');
  });

  it('is not done once the session has ended', () => {
    const { locks, session, attempt } = holding();
    locks.solo.closeSession(session);
    expect(attempt()).toBe('unmet 0 (refused)');
  });
});
