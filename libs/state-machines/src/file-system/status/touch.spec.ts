import { at, SoloFiles, type SoloProcess } from '../twin/solo-files';

const touch = (process: SoloProcess, ...paths: readonly string[]): string =>
  process.call({ kind: 'touch', objects: paths.map((path) => at(path)) });

function start(): {
  readonly files: SoloFiles;
  readonly root: SoloProcess;
  readonly ann: SoloProcess;
} {
  const files = new SoloFiles();
  const root = files.process();
  root.create('/f');
  root.create('/g');
  return { files, root, ann: files.process({ uid: 1001, gids: [1001] }) };
}

const at5 = { kind: 'set', seconds: 5n, nanos: 0 } as const;
const at5long = { kind: 'set', seconds: 5n, nanos: 1 } as const;
const far = { kind: 'set', seconds: 10_000_000_000n, nanos: 0 } as const;

describe('touch', () => {
  it('moves the access time of what has changed since it was read last, and nothing else', () => {
    const { files, root } = start();
    const before = root.attributes('/f');
    expect(touch(root, '/f', '/g')).toBe('ok');
    const after = root.attributes('/f');
    expect(after.atime).not.toEqual(before.atime);
    expect(root.attributes('/g').atime).toEqual(after.atime);
    expect(after).toEqual({ ...before, atime: after.atime, changedOp: after.changedOp });
    const digest = files.digest();
    expect(touch(root, '/f', '/g')).toBe('ok');
    expect(files.digest()).toBe(digest);
    root.chmod('/f', 0o600);
    expect(touch(root, '/f')).toBe('ok');
    expect(root.attributes('/f').atime).not.toEqual(after.atime);
  });

  it.each([
    ['earlier than both', at5, at5long, true],
    ['later than both', far, at5, false],
    ['later than the change of status alone', far, far, true],
  ])('of a time of access %s', (_name, atime, mtime, moves) => {
    const { root } = start();
    root.utimens('/f', atime, mtime);
    const before = root.attributes('/f').atime;
    touch(root, '/f');
    const after = root.attributes('/f').atime;
    if (moves) expect(after).not.toEqual(before);
    else expect(after).toEqual(before);
  });

  it('tells nobody', () => {
    const { files, root } = start();
    const events = files.solo.events.length;
    touch(root, '/f');
    expect(files.solo.events.length).toBe(events);
  });

  it('is for who may read it, or owns it; all or none', () => {
    const { root, ann } = start();
    root.chmod('/g', 0o600);
    const before = root.attributes('/f');
    expect([touch(ann, '/f', '/g'), touch(ann, '/f', '/none')]).toEqual(['EACCES', 'ENOENT']);
    expect(root.attributes('/f')).toEqual(before);
    root.chown('/g', 1001, -1);
    root.chmod('/g', 0);
    expect(touch(ann, '/f', '/g')).toBe('ok');
  });
});
