import { checkPlugin } from '@lockstep/vr-core';
import { lockManager } from '../lock-manager/plugin';
import { fileSystem } from './plugin';
import {
  chunks,
  define,
  file,
  handle,
  flock,
  link,
  mkdir,
  open,
  plock,
  remove,
  rename,
  setacl,
  setquota,
  setxattr,
  snapshot,
  truncate,
  ttl,
  unlink,
  write,
} from './twin/operations';
import { at, bytesOf, PLAIN } from './twin/solo-files';
import { Story } from './twin/story';
import type { FileObject } from './wire/arguments';
import { QUERY_KINDS, type FileChange } from './wire/operations';
import type { FileQueryRequest, Guard } from './wire/requests';

const exists = (path: string): Guard => ({ kind: 'exists', object: at(path) });
const absent = (path: string): Guard => ({ kind: 'absent', object: at(path) });
const EPHEMERAL = { kind: 'ephemeral' } as const;
const CONTAINER = { kind: 'container' } as const;
const opened = (place: number): FileObject => ({ kind: 'opened', at: place });
const NOW = { kind: 'now' } as const;

/** Questions that may be asked of any path. */
const questions = (object: FileObject): readonly FileQueryRequest['op'][] => [
  { kind: 'stat', object },
  { kind: 'readlink', object },
  { kind: 'readdir', object, after: undefined, limit: 3, plus: true },
  { kind: 'access', object, mode: 7 },
  { kind: 'locate', object },
  { kind: 'read', object, offset: 1, length: 50 },
  { kind: 'getchunks', object, from: 0, limit: 2 },
  { kind: 'getlocks', object, plock: { owner: 'x', mode: 'write', start: 0, length: 0 } },
  { kind: 'getxattr', object, name: bytesOf('user.a') },
  { kind: 'listxattr', object },
  { kind: 'getacl', object },
  { kind: 'getquota', object },
  { kind: 'summary', object },
];
const QUESTIONS: readonly FileQueryRequest['op'][] = [
  ...['/', '/d', '/d/f', '/l', '/gone/g'].flatMap((path) => questions(at(path, false))),
  { kind: 'listtrash', after: undefined, limit: 2 },
  { kind: 'listsnapshots', after: undefined, limit: 2 },
  { kind: 'statfs' },
  { kind: 'listvolumes', after: undefined, limit: 2 },
  { kind: 'diff', from: { kind: 'snapshot', name: 's' }, to: NOW, after: undefined, limit: 3 },
  { kind: 'diff', from: { kind: 'op', op: 30 }, to: NOW, after: undefined, limit: 3 },
];

const CHANGES: Record<FileChange['kind'], true> = {
  create: true,
  mkdir: true,
  mknod: true,
  symlink: true,
  link: true,
  unlink: true,
  rmdir: true,
  rename: true,
  chmod: true,
  chown: true,
  utimens: true,
  truncate: true,
  setflags: true,
  touch: true,
  remove: true,
  clone: true,
  concat: true,
  open: true,
  close: true,
  write: true,
  setchunks: true,
  flock: true,
  plock: true,
  setxattr: true,
  removexattr: true,
  setacl: true,
  setquota: true,
  restore: true,
  discard: true,
  snapshot: true,
  removesnapshot: true,
  renamesnapshot: true,
  definevolume: true,
  dropvolume: true,
};

function treesAndContent(story: Story): void {
  const { one } = story;
  one(file('/f'));
  one(mkdir('/d/e/g', PLAIN.life, true));
  one(file('/d/f'));
  one(file('/d/seq-', PLAIN.life, true));
  one({ kind: 'mknod', path: bytesOf('/p'), type: 'fifo', mode: 0o600, rdev: NO_DEVICE });
  one({ kind: 'symlink', path: bytesOf('/l'), target: bytesOf('d/f') });
  one(link('/d/f', '/g'));
  one({ kind: 'chmod', object: at('/d/f'), mode: 0o640 });
  one({ kind: 'chown', object: at('/d/f'), uid: 1001, gid: 1001 });
  one({ kind: 'utimens', object: at('/l', false), atime: { kind: 'omit' }, mtime: NOW });
  one({ kind: 'touch', objects: [at('/d/f'), at('/nobody'), at('/d')] });
  one({ kind: 'touch', objects: [at('/d/f'), at('/d')] });
  one(setxattr(at('/d/f'), 3_000, 'create'));
  one(setxattr(at('/d/f'), 20, 'replace'));
  one(setxattr(at('/d/f'), 20, 'create'));
  one(setxattr(at('/f'), 2, 'any', 'user.b'));
  one({ kind: 'removexattr', object: at('/f'), name: bytesOf('user.b') });
  one(setacl('/d', true));
  one(file('/d/inherits'));
  one(setacl('/d/f', false));
  one(snapshot('s'));
  one(write(at('/d/f'), 5_000));
  one(write(at('/d/f'), 10, 4_090));
  one(truncate(at('/d/f'), 4_095n));
  one(truncate(at('/g'), 9_000n));
  one(file('/chunks'));
  one(chunks(at('/chunks'), [1, 5, 2], []));
  one(chunks(at('/chunks'), [2], [1, 4]));
  one({ kind: 'clone', from: bytesOf('/d'), to: bytesOf('/clone'), recursive: true });
  one(file('/more'));
  one(chunks(at('/more'), [0], []));
  one({ kind: 'concat', to: bytesOf('/chunks'), from: [bytesOf('/more')] });
  one(setquota('/d', 6, 20_000));
  one(file('/d/too'));
  one(file('/d/many'));
  one(rename('/f', '/d/many'));
  one(truncate(at('/d/inherits'), 19_000n));
  one(setquota('/d', 0, 0));
  one({ kind: 'setflags', object: at('/clone/f'), flags: 0x4 });
  one(write(at('/clone/f'), 3));
  one(write(at('/clone/f'), 3, 0));
  one({ kind: 'setflags', object: at('/clone/f'), flags: 0 });
  one(rename('/g', '/h'));
  one(rename('/h', '/l', 'noreplace'));
  one(rename('/h', '/clone/f', 'exchange'));
  one(rename('/p', '/q', 'whiteout'));
  one(rename('/d/e/g', '/d/e/g/g'));
  one(unlink('/q'));
  one({ kind: 'rmdir', path: bytesOf('/d/e') });
  one({ kind: 'rmdir', path: bytesOf('/d/e/g') });
  for (const op of QUESTIONS) one(op);
}

const NO_DEVICE = { major: 0, minor: 0 };

function openFilesAndLocks(story: Story): void {
  const { one } = story;
  const [ann, bob] = [0, 1];
  const first = story.opened(open('/d/o', 'RDWR', 'CREAT'), ann);
  const second = story.opened(open('/d/o', 'RDONLY'), bob);
  const dir = story.opened(open('/d', 'RDONLY', 'DIRECTORY'), bob);
  one(write(handle(first), 100), ann);
  one(write(handle(first), 100), bob);
  one(plock(handle(first), 'write', 10, 20), ann);
  one(plock(handle(second), 'read', 25), bob);
  one(plock(handle(second), 'read', 30), bob);
  one(plock(handle(first), 'unlock', 15, 3), ann);
  one(flock(handle(second), 'shared'), bob);
  one(flock(handle(first), 'exclusive'), ann);
  one({ kind: 'getlocks', object: handle(first), plock: undefined }, ann);
  one(unlink('/d/o'));
  one(write(handle(first), 3_000, 50), ann);
  one(truncate(handle(first), 7n), ann);
  one(remove('/d/e', false));
  one({ kind: 'close', object: handle(dir) }, bob);
  one({ kind: 'close', object: handle(first) }, ann);
  one({ kind: 'close', object: handle(first) }, ann);
  story.step({ kind: 'new-view' });
  story.batch(
    [open('/d/p', 'RDWR', 'CREAT', 'EXCL'), write(opened(0), 30), unlink('/d/p')],
    true,
    ann,
  );
  story.batch([open('/d/p', 'WRONLY', 'CREAT'), write(opened(0), 30), unlink('/no')], false);
  story.batch([file('/x'), write(at('/x'), 9), mkdir('/x')], true);
  story.batch([file('/y'), rename('/y', '/z'), mkdir('/z'), file('/never')], false);
}

function conditions(story: Story): void {
  const fence = story.lock('door', 2);
  const held: Guard = { kind: 'held', lock: 'door', fence };
  story.guarded([held, exists('/d')], rename('/z', '/held'));
  story.guarded([{ ...held, fence: fence + 1n }], rename('/held', '/z'));
  story.dry(remove('/d', true));
  story.dry(mkdir('/d'));
  story.dry(define({ readOnly: true }));
  story.dry(open('/d/f', 'RDONLY', 'TRUNC'), 0);
  story.txn([exists('/held')], [mkdir('/t'), file('/t/e', EPHEMERAL)], [unlink('/held')], 0);
  story.txn([absent('/held')], [mkdir('/u')], [unlink('/held'), snapshot('t')]);
  story.txn([], [mkdir('/v'), snapshot('u'), mkdir('/v')], []);
  story.unlock('door', 2);
  story.guarded([held], mkdir('/not-held'));
}

function whatGoes(story: Story): void {
  const { one } = story;
  one(file('/e1', EPHEMERAL), 1);
  one(file('/e2', EPHEMERAL, true), 2);
  one(file('/e3', EPHEMERAL));
  one(mkdir('/box', CONTAINER));
  one(file('/box/t', ttl(3_000)));
  one(mkdir('/dir-t', ttl(1_000)));
  one(file('/kept-t', ttl(2_000)));
  story.step({ kind: 'advance', ms: 1_500 });
  one({ kind: 'chmod', object: at('/kept-t'), mode: 0o600 });
  for (const session of [0, 1, 2]) story.step({ kind: 'keepalive', session });
  story.step({ kind: 'advance', ms: 1_600 });
  one({ kind: 'snapshot', name: 'v' });
  one({ kind: 'renamesnapshot', from: 's', to: 'w' });
  one({ kind: 'removesnapshot', name: 'v' });
  one(mkdir('/trash/a/b', PLAIN.life, true));
  one(file('/trash/f'));
  one(remove('/trash', true));
  one(remove('/chunks', true));
  one({ kind: 'restore', id: story.trashId(), to: bytesOf('/back') });
  one(remove('/back', true));
  one({ kind: 'discard', id: story.trashId() });
  one(file('/expires'));
  one(remove('/expires', true));
  one(define({ trashMs: 2_000, historyOps: 12, bytesMax: 50_000, inodesMax: 40 }));
  one(truncate(at('/d/f'), 49_000n));
  one(remove('/clone', true));
  one(remove('/nobody', true));
  story.step({ kind: 'close-session', session: 1 });
  story.step({ kind: 'advance', ms: 2_500 });
  one({ kind: 'renamesnapshot', from: 'w', to: 's' });
  one(define({ historyOps: 0 }));
  story.step({ kind: 'new-view' });
  story.step({ kind: 'advance', ms: 1 });
  one(file('/unkept'));
  one({ kind: 'removesnapshot', name: 's' });
  one({ kind: 'removesnapshot', name: 't' });
  story.step({ kind: 'advance', ms: 1 });
  one(define({ historyOps: 50, historyMs: 5_000, flavour: 'freebsd' }));
  one(remove('/d', true));
  one({ kind: 'discard', id: undefined });
  one(rename('/unkept', '/kept'));
  story.step({ kind: 'advance', ms: 20_000 });
}

/** A volume is dropped while something is open, locked, thrown away, and kept of its past. */
function otherVolume(story: Story): void {
  story.volume = 'other';
  const { one } = story;
  one(mkdir('/d'));
  one(define({ nameMax: 20 }));
  one(mkdir('/d/e', PLAIN.life, true));
  one(file('/d/f', EPHEMERAL), 0);
  one(file('/d/t', ttl(500)));
  one(setacl('/d', true));
  one(setxattr(at('/d/f'), 100));
  const still = story.opened(open('/d/f', 'RDWR'), 0);
  one(plock(handle(still), 'write'), 0);
  one(snapshot('s'));
  one(remove('/d/e', true));
  one(write(handle(still), 500), 0);
  one({ kind: 'dropvolume' });
  one(write(handle(still), 500), 0);
  story.step({ kind: 'advance', ms: 1_000 });
  one(define({ flavour: 'freebsd' }));
  one(file('/f'));
  one(snapshot('s'));
  story.step({ kind: 'advance', ms: 1_000 });
}

describe('the contract of a plug-in', () => {
  const story = new Story(3);
  otherVolume(story);
  story.volume = 'main';
  treesAndContent(story);
  openFilesAndLocks(story);
  conditions(story);
  whatGoes(story);

  it('is tried with every operation there is, done at least once', () => {
    const kinds = [...Object.keys(CHANGES), ...QUERY_KINDS];
    expect(kinds.filter((kind) => !story.done.has(kind))).toEqual([]);
  });

  it('is kept by the file service', () => {
    const [plugin, before] = [fileSystem(), [lockManager()]];
    const queries = QUESTIONS.map((op) => story.query(op));
    const { steps } = story;
    expect(() => checkPlugin({ plugin, before, steps, queries, sessionCount: 3 })).not.toThrow();
  });
});
