import { settingsOf } from '../twin/settings';
import { at, bytesOf, SoloFiles, type SoloProcess } from '../twin/solo-files';

/** Root, and ann who is in the groups 1001 and 2000, in a volume that keeps the rules of FreeBSD. */
function start(flavour: 'linux' | 'freebsd' = 'freebsd'): {
  readonly files: SoloFiles;
  readonly root: SoloProcess;
  readonly ann: SoloProcess;
} {
  const files = new SoloFiles();
  const root = files.process();
  root.call({ kind: 'definevolume', settings: settingsOf({ flavour }) });
  root.chmod('/', 0o777);
  root.mkdir('/d', 0o777);
  root.chown('/d', 0, 3000);
  return { files, root, ann: files.process({ uid: 1001, gids: [1001, 2000] }) };
}

describe('the flavour of FreeBSD', () => {
  it('gives what is made the group of its directory, always', () => {
    const { ann } = start();
    const made = [
      ann.create('/d/f'),
      ann.mkdir('/d/e'),
      ann.symlink('f', '/d/s'),
      ann.mknod('/d/p', 'fifo'),
    ];
    expect(made).toEqual(['ok', 'ok', 'ok', 'ok']);
    for (const path of ['/d/f', '/d/e', '/d/s', '/d/p'])
      expect(ann.attributes(path)).toMatchObject({ uid: 1001, gid: 3000 });
  });

  it('hands no set-group-id bit down, and makes no sticky directory', () => {
    const { root, ann } = start();
    root.chmod('/d', 0o2777);
    ann.mkdir('/d/e', 0o1777);
    expect(ann.attributes('/d/e').mode).toBe(0o777);
  });

  it('makes nothing set-group-id for who is not in the group, program or not', () => {
    const { root, ann } = start();
    ann.create('/d/f', 0o2644);
    expect(ann.attributes('/d/f').mode).toBe(0o644);
    root.chown('/d', 0, 2000);
    ann.create('/d/g', 0o2755);
    expect(ann.attributes('/d/g').mode).toBe(0o2755);
  });

  it.each([
    ['linux', 'EISDIR', 'EBUSY'],
    ['freebsd', 'EPERM', 'EINVAL'],
  ] as const)(
    'of %s: unlink of a directory is %s, rename of `.` and `..` is %s',
    (flavour, unlink, rename) => {
      const { root } = start(flavour);
      root.mkdir('/e');
      expect([root.unlink('/d'), root.unlink('/d/'), root.unlink('/d/.')]).toEqual([
        unlink,
        unlink,
        unlink,
      ]);
      for (const [from, to] of [
        ['/d/.', '/x'],
        ['/d/..', '/x'],
        ['/e', '/d/.'],
        ['/e', '/d/..'],
      ] as const)
        expect(root.rename(from, to)).toBe(rename);
    },
  );

  it.each([
    ['linux', 40],
    ['freebsd', 32],
  ] as const)('of %s: %i links are followed, and not one more', (flavour, most) => {
    const { root } = start(flavour);
    root.create('/l0');
    for (let at = 1; at <= most + 1; at += 1) root.symlink(`l${at - 1}`, `/l${at}`);
    expect(root.call({ kind: 'stat', object: at(`/l${most}`) })).toBe('ok');
    expect(root.call({ kind: 'stat', object: at(`/l${most + 1}`) })).toBe('ELOOP');
  });

  it('follows the source of a link', () => {
    const { root } = start();
    root.create('/f');
    root.symlink('f', '/s');
    expect(root.link('/s', '/n')).toBe('ok');
    expect(root.attributes('/n')).toMatchObject({ type: 'file', nlink: 2 });
  });

  it('opens no link that is not to be followed: EMLINK; and no socket: EOPNOTSUPP', () => {
    const { root } = start();
    root.symlink('f', '/s');
    root.mknod('/k', 'socket');
    const open = (path: string, flags: readonly ('RDONLY' | 'NOFOLLOW')[]): string =>
      root.call({ kind: 'open', path: bytesOf(path), flags: [...flags], mode: 0 });
    expect([open('/s', ['RDONLY', 'NOFOLLOW']), open('/k', ['RDONLY'])]).toEqual([
      'EMLINK',
      'EOPNOTSUPP',
    ]);
  });

  it('knows no whiteouts', () => {
    const { root } = start();
    root.create('/f');
    const [from, to] = [bytesOf('/f'), bytesOf('/g')];
    const whiteout = {
      kind: 'rename',
      from,
      to,
      noreplace: false,
      exchange: false,
      whiteout: true,
    } as const;
    expect(root.call(whiteout)).toBe('EINVAL');
  });
});

describe('chmod in FreeBSD', () => {
  it.each([
    ['sticky on a file', '/d/f', 0o1644, 'EFTYPE'],
    ['sticky on a directory', '/d/e', 0o1755, 'ok'],
    ['set-group-id outside the group', '/d/f', 0o2755, 'EPERM'],
    ['set-user-id', '/d/f', 0o4755, 'ok'],
  ])('by the owner: %s', (_name, path, mode, code) => {
    const { root, ann } = start();
    ann.create('/d/f');
    ann.mkdir('/d/e');
    expect(ann.chmod(path, mode)).toBe(code);
    expect(root.chmod(path, mode)).toBe('ok');
    expect(root.attributes(path).mode).toBe(mode);
  });

  it('keeps permissions of a link itself', () => {
    const { ann } = start();
    ann.symlink('x', '/d/s');
    expect(ann.chmod('/d/s', 0o700, false)).toBe('ok');
    expect(ann.attributes('/d/s').mode).toBe(0o700);
  });
});

describe('chown in FreeBSD', () => {
  it('of neither is nothing', () => {
    const { files, ann } = start();
    ann.create('/d/f', 0o4755);
    const before = files.digest();
    const bob = files.process({ uid: 1002, gids: [1002] });
    expect([ann.chown('/d/f', -1, -1), bob.chown('/d/f', -1, -1)]).toEqual(['ok', 'ok']);
    expect(files.digest()).toBe(before);
  });

  it('clears set-id bits for the owner who changes the group, not for root', () => {
    const { root, ann } = start();
    ann.create('/d/f');
    root.chmod('/d/f', 0o6755);
    expect([root.chown('/d/f', -1, 7), root.attributes('/d/f').mode]).toEqual(['ok', 0o6755]);
    expect([ann.chown('/d/f', -1, 2000), root.attributes('/d/f').mode]).toEqual(['ok', 0o755]);
  });

  it.each([
    ['another owner', 1002, -1, 'EPERM'],
    ['himself', 1001, -1, 'ok'],
    ['a group of his', -1, 2000, 'ok'],
    ['a group that is not his', -1, 4000, 'EPERM'],
  ])('by the owner to %s', (_name, uid, gid, code) => {
    const { ann } = start();
    ann.create('/d/f');
    expect(ann.chown('/d/f', uid, gid)).toBe(code);
  });
});
