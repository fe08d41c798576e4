import { settingsOf } from '../twin/settings';
import {
  at,
  bytesOf,
  PLAIN,
  PLAIN_DIRECTORY,
  SoloFiles,
  type SoloProcess,
} from '../twin/solo-files';
import type { FileOperation } from '../wire/operations';

const NOW = { kind: 'now' } as const;
const move = { noreplace: false, exchange: false, whiteout: false };

const mkdir = (path: string, parents = false): FileOperation => ({
  kind: 'mkdir',
  path: bytesOf(path),
  mode: 0o755,
  ...PLAIN_DIRECTORY,
  parents,
});
const create = (path: string, exclusive = true): FileOperation => ({
  kind: 'create',
  path: bytesOf(path),
  mode: 0o644,
  exclusive,
  ...PLAIN,
});
const open = (
  path: string,
  ...flags: ('RDONLY' | 'WRONLY' | 'CREAT' | 'TRUNC')[]
): FileOperation => ({
  kind: 'open',
  path: bytesOf(path),
  flags,
  mode: 0o644,
});
const path = bytesOf('/f');

/** A tree made before the volume became read-only. */
function start(): {
  readonly files: SoloFiles;
  readonly root: SoloProcess;
  readonly ann: SoloProcess;
} {
  const files = new SoloFiles();
  const root = files.process();
  root.create('/f', 0o666);
  root.mkdir('/d');
  root.create('/d/g');
  root.mknod('/p', 'fifo', 0o666);
  root.call({ kind: 'remove', path: bytesOf('/d/g'), recursive: false, trash: true });
  root.create('/d/g');
  root.call({ kind: 'definevolume', settings: settingsOf({ readOnly: true }) });
  return { files, root, ann: files.process({ uid: 1001, gids: [1001] }) };
}

describe('a read-only volume', () => {
  it.each<readonly [string, FileOperation]>([
    ['create', create('/n')],
    ['mkdir', mkdir('/n')],
    ['mkdir with parents', mkdir('/n/m', true)],
    [
      'mknod',
      { kind: 'mknod', path: bytesOf('/n'), type: 'fifo', mode: 0, rdev: { major: 0, minor: 0 } },
    ],
    ['symlink', { kind: 'symlink', path: bytesOf('/n'), target: path }],
    ['link', { kind: 'link', from: path, to: bytesOf('/n'), follow: false }],
    [
      'link of a directory',
      { kind: 'link', from: bytesOf('/d'), to: bytesOf('/n'), follow: false },
    ],
    ['unlink', { kind: 'unlink', path }],
    ['rmdir', { kind: 'rmdir', path: bytesOf('/d') }],
    ['rename', { kind: 'rename', from: path, to: bytesOf('/n'), ...move }],
    ['rename of nothing', { kind: 'rename', from: bytesOf('/no'), to: bytesOf('/n'), ...move }],
    ['chmod', { kind: 'chmod', object: at('/f'), mode: 0 }],
    ['chown', { kind: 'chown', object: at('/f'), uid: undefined, gid: undefined }],
    ['utimens', { kind: 'utimens', object: at('/f'), atime: NOW, mtime: NOW }],
    ['truncate', { kind: 'truncate', object: at('/f'), size: 0n }],
    ['setflags', { kind: 'setflags', object: at('/f'), flags: 1 }],
    ['touch', { kind: 'touch', objects: [at('/f')] }],
    ['remove', { kind: 'remove', path: bytesOf('/d'), recursive: true, trash: false }],
    ['remove to the trash', { kind: 'remove', path, recursive: true, trash: true }],
    ['restore', { kind: 'restore', id: '0-1', to: bytesOf('/n') }],
    ['discard', { kind: 'discard', id: undefined }],
    ['open to write', open('/f', 'WRONLY')],
    ['open to cut', open('/f', 'RDONLY', 'TRUNC')],
    ['open to make', open('/n', 'RDONLY', 'CREAT')],
    ['write', { kind: 'write', object: at('/f'), offset: 0, data: new Uint8Array(1) }],
    ['setchunks', { kind: 'setchunks', object: at('/f'), put: [], remove: [], size: 1 }],
    [
      'setxattr',
      {
        kind: 'setxattr',
        object: at('/f'),
        name: bytesOf('user.x'),
        value: new Uint8Array(1),
        how: 'any',
      },
    ],
    ['removexattr', { kind: 'removexattr', object: at('/f'), name: bytesOf('user.x') }],
    ['setacl', { kind: 'setacl', object: at('/f'), access: [], default: undefined }],
    ['setquota', { kind: 'setquota', object: at('/d'), inodes: 1, bytes: 1 }],
  ])('refuses %s: EROFS, for root too', (_name, op) => {
    const { files, root } = start();
    const before = files.digest();
    expect(root.run(op)).toMatchObject({ kind: 'refused', code: 'EROFS', rule: 'read-only' });
    expect(files.digest()).toBe(before);
  });

  it.each<readonly [string, FileOperation, string]>([
    ['what exists', mkdir('/f'), 'EEXIST'],
    ['what exists, for whoever may not make it', create('/d/g'), 'EEXIST'],
    ['a way that is none', mkdir('/no/n'), 'ENOENT'],
    ['what cannot be asked for', { kind: 'rmdir', path: bytesOf('/d/.') }, 'EINVAL'],
    ['a name that is none', { kind: 'unlink', path: bytesOf('/') }, 'EISDIR'],
    ['a directory to be cut', { kind: 'truncate', object: at('/d'), size: 0n }, 'EISDIR'],
  ])('tells of %s first', (_name, op, code) => {
    expect(start().ann.call(op)).toBe(code);
  });

  it('tells that it is so before it tells of permission, or that a name is not there', () => {
    const { ann } = start();
    const codes = [
      ann.mkdir('/d/n'),
      ann.unlink('/d/none'),
      ann.chmod('/f', 0),
      ann.truncate('/d/g', 0),
    ];
    expect(codes).toEqual(['EROFS', 'EROFS', 'EROFS', 'EROFS']);
  });

  it('can be read, and what goes elsewhere written to', () => {
    const { root, ann } = start();
    const open_p = open('/p', 'WRONLY');
    expect([
      root.call(open('/f', 'RDONLY')),
      root.call(create('/f', false)),
      ann.call(open_p),
    ]).toEqual(['ok', 'ok', 'ok']);
    expect(ann.names('/d')).toEqual(['g']);
  });

  it('can be made writable again', () => {
    const { root } = start();
    root.call({ kind: 'definevolume', settings: settingsOf({ readOnly: false }) });
    expect(root.mkdir('/n')).toBe('ok');
  });
});
