import {
  chunks,
  file,
  mkdir,
  rename,
  setacl,
  setxattr,
  snapshot,
  truncate,
  write,
} from '../twin/operations';
import { at, bytesOf, SoloFiles, type SoloProcess } from '../twin/solo-files';
import type { FileMoment } from '../wire/arguments';
import type { FileOperation, FileQuery } from '../wire/operations';

const [F, D, C, NEW] = ['/d/f', '/d', '/c', '/d/new'] as const;

/** All that is to be known of what is in a file and around it. */
const questionsOf = (path: string): readonly FileQuery[] => {
  const object = at(path);
  return [
    { kind: 'stat', object },
    { kind: 'read', object, offset: 0, length: 20_000 },
    { kind: 'getchunks', object, from: 0, limit: 100 },
    { kind: 'getxattr', object, name: bytesOf('user.a') },
    { kind: 'getxattr', object, name: bytesOf('user.b') },
    { kind: 'listxattr', object },
    { kind: 'getacl', object },
    { kind: 'access', object, mode: 6 },
    { kind: 'locate', object },
  ];
};

/** What root and another see. */
function picture(root: SoloProcess, ann: SoloProcess, moment: FileMoment): readonly string[] {
  root.at = ann.at = moment;
  const told = [root, ann].flatMap((process) =>
    [F, D, C, NEW].flatMap((path) =>
      questionsOf(path).map((op) => `${op.kind} ${path} ${JSON.stringify(process.run(op))}`),
    ),
  );
  root.at = ann.at = { kind: 'now' };
  return told;
}

const STORY: readonly FileOperation[] = [
  mkdir(D),
  file(F),
  write(at(F), 5_000),
  write(at(F), 10, 4_090),
  setxattr(at(F), 3_000),
  setxattr(at(F), 20),
  setxattr(at(F), 0, 'create', 'user.b'),
  { kind: 'removexattr', object: at(F), name: bytesOf('user.a') },
  { kind: 'removexattr', object: at(F), name: bytesOf('user.b') },
  { kind: 'chmod', object: at(F), mode: 0o600 },
  setacl(F, false),
  setacl(D, true),
  file(NEW),
  { kind: 'setacl', object: at(D), access: undefined, default: [] },
  { kind: 'setacl', object: at(F), access: [], default: undefined },
  truncate(at(F), 4_095n),
  truncate(at(F), 0n),
  write(at(F), 9_000),
  file(C),
  chunks(at(C), [1, 5, 2], []),
  chunks(at(C), [2, 9], [1]),
  rename(C, F),
  { kind: 'clone', from: bytesOf(NEW), to: bytesOf(C), recursive: false },
  { kind: 'unlink', path: bytesOf(F) },
  { kind: 'remove', path: bytesOf(D), recursive: true, trash: false },
];

describe('content, extended attributes and access lists', () => {
  it('are read as they were after each op, also by whom they gave or refused access', () => {
    const files = new SoloFiles();
    const [root, ann] = [files.process(), files.process({ uid: 1001, gids: [1001] })];
    const seen = new Map<number, readonly string[]>();
    for (const op of STORY) {
      expect([op, root.call(op)]).toEqual([op, 'ok']);
      seen.set(files.solo.execution.executed, picture(root, ann, { kind: 'now' }));
    }
    files.solo.advance(10);
    for (const [op, then] of seen) expect(picture(root, ann, { kind: 'op', op })).toEqual(then);
  });

  it('are read as snapshots keep them, once nothing else of the past is kept', () => {
    const files = new SoloFiles();
    const [root, ann] = [files.process(), files.process({ uid: 1001, gids: [1001] })];
    const seen = new Map<string, readonly string[]>();
    for (const [place, op] of STORY.entries()) {
      const name = `s${place}`;
      expect([root.call(op), root.call(snapshot(name))]).toEqual(['ok', 'ok']);
      if (place % 3 === 0) root.call({ kind: 'removesnapshot', name });
      else seen.set(name, picture(root, ann, { kind: 'now' }));
    }
    files.solo.advance(3_600_000);
    for (const [name, then] of seen)
      expect(picture(root, ann, { kind: 'snapshot', name })).toEqual(then);
  });
});

describe('snapshots', () => {
  it('are made, named anew and removed by root and by who owns the root of the volume', () => {
    const files = new SoloFiles();
    const [root, ann, bob] = [0, 1001, 1002].map((uid) => files.process({ uid, gids: [uid] }));
    const calls = (process: SoloProcess | undefined, name: string): readonly unknown[] =>
      [
        snapshot(name),
        { kind: 'renamesnapshot', from: 'of-root', to: 'of-all' } as const,
        { kind: 'removesnapshot', name: 'of-root' } as const,
      ].map((op) => {
        const result = process?.run(op);
        return result?.kind === 'refused' ? [result.code, result.rule] : result?.kind;
      });
    expect([root?.call(snapshot('of-root')), root?.chown('/', 1001, 1001)]).toEqual(['ok', 'ok']);
    const before = files.digest();
    expect(calls(bob, 'of-bob')).toEqual(Array(3).fill(['EPERM', 'not-owner']));
    expect(files.digest()).toBe(before);
    expect(calls(ann, 'of-ann')).toEqual(['nothing', 'nothing', ['ENOENT', 'no-snapshot']]);
    expect(root?.call({ kind: 'removesnapshot', name: 'of-all' })).toBe('ok');
  });

  it('are listed for anybody, and show what he may see', () => {
    const files = new SoloFiles();
    const [root, ann] = [files.process(), files.process({ uid: 1001, gids: [1001] })];
    root.mkdir(D, 0o700);
    root.create(F);
    root.call(snapshot('s'));
    root.chmod(D, 0o755);
    expect(ann.run({ kind: 'listsnapshots', after: undefined, limit: 5 })).toMatchObject({
      snapshots: [{ name: 's' }],
    });
    ann.at = { kind: 'snapshot', name: 's' };
    expect([ann.stat(D), ann.stat(F)]).toMatchObject([{ mode: 0o700 }, 'EACCES']);
  });
});
