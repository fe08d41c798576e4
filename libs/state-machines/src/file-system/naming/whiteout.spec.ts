import { bytesOf, SoloFiles, type SoloProcess } from '../twin/solo-files';

const leave = (process: SoloProcess, from: string, to: string, flags = {}): string =>
  process.call({
    kind: 'rename',
    from: bytesOf(from),
    to: bytesOf(to),
    noreplace: false,
    exchange: false,
    whiteout: true,
    ...flags,
  });

function start(): { readonly files: SoloFiles; readonly root: SoloProcess } {
  const files = new SoloFiles();
  const root = files.process();
  root.mkdir('/d');
  root.mkdir('/d/e');
  root.create('/f');
  return { files, root };
}

describe('rename with a whiteout', () => {
  it('leaves a device 0/0 without permissions under the old name', () => {
    const { root } = start();
    const { ino } = root.attributes('/f');
    expect(leave(root, '/f', '/d/f')).toBe('ok');
    expect(root.attributes('/d/f').ino).toBe(ino);
    expect(root.attributes('/f')).toMatchObject({
      type: 'char',
      mode: 0,
      nlink: 1,
      rdev: { major: 0, minor: 0 },
    });
    expect(root.attributes('/').size).toBe(2);
  });

  it('does so for a directory, and over what is there', () => {
    const { root } = start();
    expect([leave(root, '/d/e', '/e'), leave(root, '/f', '/d/e')]).toEqual(['ok', 'ok']);
    expect([root.names('/'), root.names('/d')]).toEqual([['d', 'e', 'f'], ['e']]);
    expect([root.attributes('/d').nlink, root.attributes('/').nlink]).toEqual([2, 4]);
  });

  it('goes with noreplace, not with exchange', () => {
    const { root } = start();
    expect(leave(root, '/f', '/d/f', { exchange: true })).toBe('EINVAL');
    expect(leave(root, '/f', '/d/e', { noreplace: true })).toBe('EEXIST');
    expect(leave(root, '/f', '/d/f', { noreplace: true })).toBe('ok');
  });

  it('leaves none where nothing is moved', () => {
    const { files, root } = start();
    root.link('/f', '/g');
    const before = files.digest();
    expect([leave(root, '/f', '/g'), leave(root, '/f', '/f')]).toEqual(['ok', 'ok']);
    expect(files.digest()).toBe(before);
  });

  it('is for root, as every device is', () => {
    const { files, root } = start();
    root.chmod('/', 0o777);
    const ann = files.process({ uid: 1001, gids: [1001] });
    expect(leave(ann, '/none', '/x')).toBe('EPERM');
  });
});
