import { SoloFiles, type SoloProcess } from '../twin/solo-files';
import type { TimeArgument } from '../wire/arguments';

const NOW: TimeArgument = { kind: 'now' };
const OMIT: TimeArgument = { kind: 'omit' };
const set = (seconds: bigint, nanos = 0): TimeArgument => ({ kind: 'set', seconds, nanos });

/** Files of ann's: her groups are 1001 and 2000. Bob is a stranger. */
function start(): {
  readonly files: SoloFiles;
  readonly root: SoloProcess;
  readonly ann: SoloProcess;
  readonly bob: SoloProcess;
} {
  const files = new SoloFiles();
  const root = files.process();
  const ann = files.process({ uid: 1001, gids: [1001, 2000] });
  root.chmod('/', 0o777);
  ann.create('/f');
  ann.mkdir('/d');
  ann.symlink('f', '/to-f');
  return { files, root, ann, bob: files.process({ uid: 1002, gids: [1002] }) };
}

describe('chmod', () => {
  it('is for the owner and root: EPERM, and changes nothing', () => {
    const { files, root, ann, bob } = start();
    const before = files.digest();
    expect(bob.chmod('/f', 0o666)).toBe('EPERM');
    expect(files.digest()).toBe(before);
    expect([ann.chmod('/f', 0o600), root.chmod('/f', 0o640)]).toEqual(['ok', 'ok']);
    expect(ann.attributes('/f').mode).toBe(0o640);
  });

  it('sets all twelve bits, and ctime alone', () => {
    const { ann } = start();
    const before = ann.attributes('/f');
    ann.chmod('/f', 0o7777);
    const after = ann.attributes('/f');
    expect(after).toEqual({
      ...before,
      mode: 0o7777,
      ctime: after.ctime,
      metaGen: before.metaGen + 1,
      changedOp: before.changedOp + 3,
    });
    expect(after.ctime).not.toEqual(before.ctime);
  });

  it('drops the set-group-id bit for an owner who is not in the group', () => {
    const { root, ann } = start();
    root.chown('/f', -1, 3000);
    ann.chmod('/f', 0o2755);
    expect(ann.attributes('/f').mode).toBe(0o755);
    root.chmod('/f', 0o2755);
    expect(ann.attributes('/f').mode).toBe(0o2755);
  });

  it('follows links, and is not supported on a link itself', () => {
    const { ann } = start();
    expect(ann.chmod('/to-f', 0o600)).toBe('ok');
    expect(ann.attributes('/f').mode).toBe(0o600);
    expect(ann.chmod('/to-f', 0o600, false)).toBe('EOPNOTSUPP');
  });
});

describe('chown', () => {
  it('to another owner is for root', () => {
    const { root, ann, bob } = start();
    expect(ann.chown('/f', 1002, -1)).toBe('EPERM');
    expect(bob.chown('/f', 1002, -1)).toBe('EPERM');
    expect(ann.chown('/f', 1001, -1)).toBe('ok');
    expect(root.chown('/f', 1002, 1002)).toBe('ok');
    expect(root.attributes('/f')).toMatchObject({ uid: 1002, gid: 1002 });
  });

  it('to another group is for the owner, to a group of his', () => {
    const { ann, bob } = start();
    expect(ann.chown('/f', -1, 2000)).toBe('ok');
    expect(ann.chown('/f', -1, 3000)).toBe('EPERM');
    expect(ann.chown('/f', -1, 2000)).toBe('ok');
    expect(bob.chown('/f', -1, 1002)).toBe('EPERM');
    expect(ann.attributes('/f')).toMatchObject({ uid: 1001, gid: 2000 });
  });

  it('clears set-id bits of all but directories, even for root', () => {
    const { root, ann } = start();
    root.chmod('/f', 0o6755);
    root.chmod('/d', 0o6755);
    root.chown('/f', 0, 0);
    root.chown('/d', 0, 0);
    expect([ann.attributes('/f').mode, ann.attributes('/d').mode]).toEqual([0o755, 0o6755]);
  });

  it('keeps a set-group-id bit without execution by the group, for its members', () => {
    const { ann, root } = start();
    ann.chmod('/f', 0o2745);
    ann.chown('/f', -1, 2000);
    expect(ann.attributes('/f').mode).toBe(0o2745);
    root.chown('/f', -1, 3000);
    expect(ann.attributes('/f').mode).toBe(0o2745);
    ann.chown('/f', -1, 1001);
    expect(ann.attributes('/f').mode).toBe(0o745);
  });

  it('of neither is a change of status that anyone may make, unless a set-id bit would go', () => {
    const { ann, bob } = start();
    const before = ann.attributes('/f');
    expect(bob.chown('/f', -1, -1)).toBe('ok');
    expect(ann.attributes('/f').ctime).not.toEqual(before.ctime);
    ann.chmod('/f', 0o4755);
    expect(bob.chown('/f', -1, -1)).toBe('EPERM');
    expect(ann.chown('/f', -1, -1)).toBe('ok');
    expect(ann.attributes('/f').mode).toBe(0o755);
  });

  it('of a link itself changes the link', () => {
    const { root } = start();
    root.chown('/to-f', 7, 8, false);
    expect(root.attributes('/to-f')).toMatchObject({ uid: 7, gid: 8 });
    expect(root.attributes('/f')).toMatchObject({ uid: 1001, gid: 1001 });
  });
});

describe('utimens', () => {
  it('sets what is given, to the nanosecond and past 2^32 seconds, and ctime to now', () => {
    const { ann } = start();
    const before = ann.attributes('/f');
    expect(ann.utimens('/f', set(4_294_967_296n, 123_456_789), set(-1n, 5))).toBe('ok');
    const after = ann.attributes('/f');
    expect(after.atime).toEqual({ seconds: 4_294_967_296, nanos: 123_456_789 });
    expect(after.mtime).toEqual({ seconds: -1, nanos: 5 });
    expect(after.ctime).not.toEqual(before.ctime);
    expect(after.btime).toEqual(before.btime);
  });

  it('now is the stamp of the operation; omit leaves', () => {
    const { ann } = start();
    ann.utimens('/f', set(1n), set(2n));
    ann.utimens('/f', NOW, OMIT);
    const after = ann.attributes('/f');
    expect(after.atime).toEqual(after.ctime);
    expect(after.mtime).toEqual({ seconds: 2, nanos: 0 });
  });

  it('of neither changes nothing, and is not even looked up', () => {
    const { files, bob } = start();
    const before = files.digest();
    expect([bob.utimens('/f', OMIT, OMIT), bob.utimens('/nothing/', OMIT, OMIT)]).toEqual([
      'ok',
      'ok',
    ]);
    expect(files.digest()).toBe(before);
  });

  it('is nearest to a time that cannot be kept', () => {
    const { ann } = start();
    ann.utimens('/f', set(2n ** 62n, 9), set(-(2n ** 62n), 9));
    const { atime, mtime } = ann.attributes('/f');
    expect([atime.nanos, mtime]).toEqual([0, { seconds: -(2 ** 31), nanos: 0 }]);
    expect(atime.seconds).toBe(15_032_385_535);
  });

  it('to now is for whoever may write: EACCES; anything else for the owner: EPERM', () => {
    const { ann, bob } = start();
    expect(bob.utimens('/f', NOW, NOW)).toBe('EACCES');
    expect(bob.utimens('/f', set(1n), NOW)).toBe('EPERM');
    ann.chmod('/f', 0o666);
    expect(bob.utimens('/f', NOW, NOW)).toBe('ok');
    expect(bob.utimens('/f', NOW, OMIT)).toBe('EPERM');
    expect(bob.utimens('/f', set(1n), set(1n))).toBe('EPERM');
    ann.chmod('/f', 0o000);
    expect(ann.utimens('/f', NOW, NOW)).toBe('ok');
  });

  it('of a link itself changes the link', () => {
    const { ann } = start();
    ann.utimens('/to-f', set(1n), set(2n), false);
    expect(ann.attributes('/to-f').mtime).toEqual({ seconds: 2, nanos: 0 });
    expect(ann.attributes('/f').mtime).not.toEqual({ seconds: 2, nanos: 0 });
  });
});

describe('truncate', () => {
  it('sets the size, mtime and ctime', () => {
    const { ann } = start();
    const before = ann.attributes('/f');
    expect(ann.truncate('/f', Number.MAX_SAFE_INTEGER)).toBe('ok');
    const after = ann.attributes('/f');
    expect(after).toMatchObject({ size: Number.MAX_SAFE_INTEGER, blocks: 0 });
    expect(after.mtime).toEqual(after.ctime);
    expect(after.mtime).not.toEqual(before.mtime);
    expect(after.contentGen).toBe(before.contentGen + 1);
  });

  it('of a negative size is EINVAL before anything, of a directory EISDIR, of the rest EINVAL', () => {
    const { ann } = start();
    ann.mknod('/p', 'fifo');
    expect(ann.truncate('/nothing', -1)).toBe('EINVAL');
    expect(ann.truncate('/nothing', 0)).toBe('ENOENT');
    expect(ann.truncate('/d', 0)).toBe('EISDIR');
    expect(ann.truncate('/p', 0)).toBe('EINVAL');
    expect(ann.truncate('/f', 2 ** 53)).toBe('EFBIG');
  });

  it('needs write permission, and clears set-id bits unless root does it', () => {
    const { root, ann, bob } = start();
    expect(bob.truncate('/f', 5)).toBe('EACCES');
    ann.chmod('/f', 0o6777);
    root.truncate('/f', 5);
    expect(ann.attributes('/f').mode).toBe(0o6777);
    expect(bob.truncate('/f', 6)).toBe('ok');
    expect(ann.attributes('/f')).toMatchObject({ mode: 0o777, size: 6 });
  });
});
