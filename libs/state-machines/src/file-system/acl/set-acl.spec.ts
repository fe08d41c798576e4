import { FILES_SERVICE } from '../plugin';
import { FLAG } from '../status/flags';
import { at, bytesOf, SoloFiles, type SoloProcess } from '../twin/solo-files';
import { decodeFileChange } from '../watch/change';
import type { Acl, AclEntry } from '../wire/operations';

/** `u:1001:rw g::r m::r` and so on: an owner without a name is the file's. */
const aclOf = (text: string): Acl =>
  text
    .split(' ')
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [tag, id, perm] = entry.split(':') as [string, string, string];
      const bits = (perm.includes('r') ? 4 : 0) + (perm.includes('w') ? 2 : 0);
      return { tag: tagOf(tag, id), id: Number(id), perm: bits + (perm.includes('x') ? 1 : 0) };
    });

function tagOf(tag: string, id: string): AclEntry['tag'] {
  if (tag === 'm') return 'mask';
  if (tag === 'o') return 'other';
  if (tag === 'u') return id === '' ? 'user-obj' : 'user';
  return id === '' ? 'group-obj' : 'group';
}

const textOf = (list: Acl): string =>
  list
    .map(({ tag, id, perm }) => {
      const name = tag === 'user' || tag === 'group' ? `${id}` : '';
      const bits = ['r', 'w', 'x'].filter((_, n) => (perm & (4 >> n)) !== 0).join('');
      return `${tag.charAt(0)}:${name}:${bits}`;
    })
    .join(' ');

interface Lists {
  readonly access?: string;
  readonly default?: string;
}

function set(process: SoloProcess, path: string, lists: Lists): string {
  const [access, fallback] = [lists.access, lists.default].map((text) =>
    text === undefined ? undefined : aclOf(text),
  );
  return process.call({ kind: 'setacl', object: at(path, false), access, default: fallback });
}

function get(process: SoloProcess, path: string): Required<Lists> | string {
  const result = process.run({ kind: 'getacl', object: at(path, false) });
  if (result.kind === 'refused') return result.code;
  if (result.kind !== 'acl') throw new Error('getacl gives lists');
  return { access: textOf(result.access), default: textOf(result.default) };
}

const modeOf = (process: SoloProcess, path: string): string =>
  process.attributes(path).mode.toString(8);

const NAMED = 'u::rw u:1001:r g::r g:2000:rw m::rw o::';

/** A file, a directory and a link of user 1000 and group 1000. */
function someFiles() {
  const root = new SoloFiles().process();
  root.create('/f', 0o640);
  root.mkdir('/d', 0o750);
  root.symlink('f', '/l');
  root.mknod('/p', 'fifo', 0o666);
  for (const name of root.names('/')) root.chown(`/${name}`, 1000, 1000, false);
  const [owner, other] = [1000, 1001].map((id) => root.files.process({ uid: id, gids: [id] }));
  return { root, owner: owner as SoloProcess, other: other as SoloProcess };
}

describe('an access list that is set (set_posix_acl of Linux)', () => {
  it.each([
    ['the owner, the group and the others', 'u::rw g::r o::', 'ok'],
    ['a mask that nobody needs', 'u::rw g::r m::r o::', 'ok'],
    ['a user and a mask', 'u::rw u:1001:r g::r m::r o::', 'ok'],
    ['entries in any order', 'o:: m::r g:5:r g::r u:1001:r u::rw', 'ok'],
    ['no owner', 'g::r o::', 'EINVAL'],
    ['no group', 'u::rw o::', 'EINVAL'],
    ['no others', 'u::rw g::r', 'EINVAL'],
    ['two owners', 'u::rw u::rw g::r o::', 'EINVAL'],
    ['two groups', 'u::rw g::r g::r o::', 'EINVAL'],
    ['two others', 'u::rw g::r o:: o::', 'EINVAL'],
    ['two masks', 'u::rw g::r m::r m::r o::', 'EINVAL'],
    ['a user and no mask', 'u::rw u:1001:r g::r o::', 'EINVAL'],
    ['a group and no mask', 'u::rw g::r g:1001:r o::', 'EINVAL'],
    ['a user twice', 'u::rw u:1001:r u:1002:r u:1001: g::r m::r o::', 'EINVAL'],
    ['a group twice', 'u::rw g::r g:5:r g:5:rw m::r o::', 'EINVAL'],
    ['a user and a group of one number', 'u::rw u:5:r g::r g:5:r m::r o::', 'ok'],
    ['a user who is number 0', 'u::rw u:0:r g::r m::r o::', 'ok'],
  ])('with %s: %s is %s', (_what, list, code) => {
    const { owner } = someFiles();
    expect(set(owner, '/f', { access: list })).toBe(code);
    expect(set(owner, '/d', { default: list })).toBe(code);
  });

  it('is for the owner and root', () => {
    const { root, owner, other } = someFiles();
    const asks = (process: SoloProcess): string => set(process, '/f', { access: NAMED });
    expect([asks(other), asks(owner), asks(root)]).toEqual(['EPERM', 'ok', 'ok']);
    expect(set(other, '/f', { access: 'u::rw' })).toBe('EPERM');
  });

  it('is not changed under the flags that keep the status as it is', () => {
    const { root } = someFiles();
    for (const flags of [FLAG.UF_IMMUTABLE, FLAG.UF_APPEND]) {
      root.call({ kind: 'setflags', object: at('/d'), flags });
      expect(set(root, '/d', { access: NAMED })).toBe('EPERM');
      expect(set(root, '/d', { default: NAMED })).toBe('EPERM');
    }
  });

  it('is for what is no link; a default one for directories', () => {
    const { owner, other } = someFiles();
    expect(set(owner, '/l', { access: NAMED })).toBe('EOPNOTSUPP');
    expect(set(owner, '/p', { access: NAMED })).toBe('ok');
    expect(set(owner, '/f', { default: NAMED })).toBe('EACCES');
    expect(set(other, '/f', { default: NAMED })).toBe('EACCES');
    expect(set(other, '/f', { default: '' })).toBe('ok');
    expect(get(owner, '/l')).toBe('EOPNOTSUPP');
  });

  it('is told as it is, in order, with what the mode says', () => {
    const { owner, other } = someFiles();
    const whole = { access: 'u::rw u:5:r u:7:w g::rx g:5:w g:1001:r m::rw o::x', default: '' };
    const mixed = whole.access.split(' ').reverse().join(' ');
    set(owner, '/f', { access: mixed });
    expect(get(other, '/f')).toEqual(whole);
    expect(get(other, '/d')).toEqual({ access: 'u::rwx g::rx o::', default: '' });
  });

  it('gives the mode its bits: those of the group are the mask', () => {
    const { owner } = someFiles();
    set(owner, '/f', { access: 'u::rwx u:5:rwx g:: m::rx o::w' });
    expect(modeOf(owner, '/f')).toBe('752');
    owner.chmod('/f', 0o624);
    expect(get(owner, '/f')).toMatchObject({ access: 'u::rw u:5:rwx g:: m::w o::r' });
  });

  it('is the mode alone when a mode says the same', () => {
    const { owner } = someFiles();
    set(owner, '/f', { access: NAMED });
    set(owner, '/f', { access: 'u::r g::w o::x' });
    expect(modeOf(owner, '/f')).toBe('421');
    owner.chmod('/f', 0o666);
    expect(get(owner, '/f')).toEqual({ access: 'u::rw g::rw o::rw', default: '' });
  });

  it('that is taken away leaves the mode, whose mask is the group then', () => {
    const { owner } = someFiles();
    set(owner, '/f', { access: NAMED });
    expect(set(owner, '/f', { access: '' })).toBe('ok');
    expect(get(owner, '/f')).toEqual({ access: 'u::rw g::rw o::', default: '' });
  });

  it('keeps the bits beside the nine, but the set-group-id bit only for who is in the group', () => {
    const { root, owner } = someFiles();
    root.chmod('/f', 0o6755);
    set(owner, '/f', { access: NAMED });
    expect(modeOf(owner, '/f')).toBe('6660');
    root.chown('/f', 1000, 3000);
    root.chmod('/f', 0o6755);
    set(owner, '/f', { access: NAMED });
    expect(modeOf(owner, '/f')).toBe('4660');
  });

  it('stays when the inode gets another owner', () => {
    const { root } = someFiles();
    set(root, '/f', { access: NAMED });
    root.chown('/f', 5, 6);
    expect(get(root, '/f')).toMatchObject({ access: NAMED });
  });

  it('and the default one are set in one step, or neither is', () => {
    const { owner } = someFiles();
    expect(set(owner, '/d', { access: NAMED, default: 'u::' })).toBe('EINVAL');
    expect(get(owner, '/d')).toEqual({ access: 'u::rwx g::rx o::', default: '' });
    expect(set(owner, '/d', { access: NAMED, default: 'u::r g:: o::' })).toBe('ok');
    expect(get(owner, '/d')).toEqual({ access: NAMED, default: 'u::r g:: o::' });
    expect(set(owner, '/d', { default: '' })).toBe('ok');
    expect(get(owner, '/d')).toEqual({ access: NAMED, default: '' });
  });

  it('changes the status of the inode, and watchers are told', () => {
    const { owner } = someFiles();
    const before = owner.attributes('/f');
    set(owner, '/f', { access: NAMED });
    const after = owner.attributes('/f');
    expect(after).toMatchObject({ metaGen: before.metaGen + 1, mtime: before.mtime });
    expect(after.ctime).not.toEqual(before.ctime);
    const events = owner.files.solo.events.filter(({ service }) => service === FILES_SERVICE);
    const last = decodeFileChange((events.at(-1) as (typeof events)[number]).bytes);
    expect(last).toMatchObject({ change: 'acl', path: '/f', metaGen: after.metaGen });
  });
});

describe('what is made in a directory with a default list (posix_acl_create of Linux)', () => {
  const DEFAULT = 'u::rwx u:1001:rwx g::rx g:5:w m::rwx o::x';
  function withDefault(list: string) {
    const { root, owner } = someFiles();
    set(root, '/d', { default: list });
    return { root, owner, maker: root.files.process({ umask: 0o077 }) };
  }

  it('gets it as its access list, limited by the mode, whatever the umask', () => {
    const { root, maker } = withDefault(DEFAULT);
    maker.create('/d/f', 0o664);
    expect(modeOf(root, '/d/f')).toBe('660');
    const access = 'u::rw u:1001:rwx g::rx g:5:w m::rw o::';
    expect(get(root, '/d/f')).toEqual({ access, default: '' });
    maker.mknod('/d/p', 'fifo', 0o644);
    expect(modeOf(root, '/d/p')).toBe('640');
  });

  it('hands it on, when it is a directory', () => {
    const { root, maker } = withDefault(DEFAULT);
    maker.mkdir('/d/sub', 0o755);
    const access = 'u::rwx u:1001:rwx g::rx g:5:w m::rx o::x';
    expect(get(root, '/d/sub')).toEqual({ access, default: DEFAULT });
    maker.mkdir('/d/sub/sub', 0o700);
    expect(get(root, '/d/sub/sub')).toMatchObject({ default: DEFAULT });
    expect(modeOf(root, '/d/sub/sub')).toBe('700');
  });

  it('gets a mode alone, when the list says no more than a mode', () => {
    const { root, maker } = withDefault('u::rwx g::rx o::');
    maker.create('/d/f', 0o666);
    expect(modeOf(root, '/d/f')).toBe('640');
    expect(get(root, '/d/f')).toEqual({ access: 'u::rw g::r o::', default: '' });
  });

  it('is not limited by it when it is a link, nor when it was moved there', () => {
    const { root, maker } = withDefault(DEFAULT);
    maker.symlink('f', '/d/l');
    expect(modeOf(root, '/d/l')).toBe('777');
    root.rename('/f', '/d/moved');
    expect(get(root, '/d/moved')).toEqual({ access: 'u::rw g::r o::', default: '' });
  });

  it('also keeps what comes with the group of the directory', () => {
    const { root, maker } = withDefault(DEFAULT);
    root.chmod('/d', 0o2750);
    maker.mkdir('/d/sub', 0o777);
    expect(root.attributes('/d/sub')).toMatchObject({ gid: 1000, mode: 0o2771 });
  });

  it('without one is limited by the umask', () => {
    const { root, maker } = withDefault('');
    maker.create('/d/f', 0o6666);
    expect(modeOf(root, '/d/f')).toBe('6600');
  });
});

describe('an inode with lists', () => {
  it('leaves nothing of them to who gets its name', () => {
    const { root } = someFiles();
    set(root, '/d', { access: NAMED, default: NAMED });
    root.rmdir('/d');
    root.mkdir('/d', 0o700);
    expect(get(root, '/d')).toEqual({ access: 'u::rwx g:: o::', default: '' });
  });

  it('has lists of its own kind only: no attribute of that name', () => {
    const { root } = someFiles();
    set(root, '/f', { access: NAMED });
    const name = bytesOf('system.posix_acl_access');
    const result = root.run({ kind: 'getxattr', object: at('/f'), name });
    expect(result).toMatchObject({ kind: 'refused', code: 'EOPNOTSUPP', rule: 'access-list' });
    expect(root.run({ kind: 'listxattr', object: at('/f') })).toMatchObject({ names: [] });
  });
});
