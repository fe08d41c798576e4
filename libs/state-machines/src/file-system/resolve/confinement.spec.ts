import type { ByteString } from '@lockstep/vr-core';
import type { FileObject } from '../wire/arguments';
import type { FileOperation } from '../wire/operations';
import { decodeFileRequest, encodeFileRequest, type FileRequest } from '../wire/requests';
import { at, bytesOf, PLAIN, PLAINLY, SoloFiles, type SoloProcess } from '../twin/solo-files';

let files: SoloFiles;
let root: SoloProcess;
/** Root of POSIX, so that nothing but the confinement stands in his way. */
let ann: SoloProcess;

const confined = (...within: string[]): SoloProcess =>
  files.process({ within: within.map(bytesOf) });
const inoOf = (path: string): number => root.attributes(path).ino;
const byNumber = (path: string): FileObject => ({ kind: 'ino', ino: inoOf(path) });
const stat = (object: FileObject): FileOperation => ({ kind: 'stat', object });

beforeEach(() => {
  files = new SoloFiles();
  root = files.process();
  for (const path of ['/ann', '/ann/own', '/bob', '/bob/own']) root.mkdir(path);
  for (const path of ['/ann/f', '/bob/f', '/annex']) root.create(path);
  root.symlink('/bob', '/ann/to-bob');
  root.symlink('../bob/f', '/ann/to-f');
  root.symlink('/bob/new', '/ann/to-new');
  root.symlink('/ann', '/bob/to-ann');
  root.link('/bob/f', '/bob/second');
  ann = confined('/ann');
});

describe('a confined caller', () => {
  it('does at and under his path what he may', () => {
    expect(ann.mkdir('/ann/d')).toBe('ok');
    expect(ann.create('/ann/d/f')).toBe('ok');
    expect(ann.rename('/ann/d/f', '/ann/g')).toBe('ok');
    expect(ann.link('/ann/g', '/ann/h')).toBe('ok');
    expect(ann.names('/ann')).toContain('h');
    expect(ann.chmod('/ann', 0o700)).toBe('ok');
    expect(ann.call(stat(byNumber('/ann/g')))).toBe('ok');
    expect(ann.call(stat(at('/ann/own/../f')))).toBe('ok');
    expect(files.process({ ...ann.caller, cwd: inoOf('/ann') }).create('x')).toBe('ok');
  });

  it('makes directories with those above them, which he may pass', () => {
    const op = { kind: 'mkdir', mode: 0o755, ...PLAIN, parents: true } as const;
    expect(ann.call({ ...op, path: bytesOf('/ann/a/b/c') })).toBe('ok');
    expect(ann.call({ ...op, path: bytesOf('/carl/a') })).toBe('EACCES');
    expect(confined('/ann/own').call({ ...op, path: bytesOf('/ann/own/x/y') })).toBe('ok');
    expect(confined('/ann/own').call({ ...op, path: bytesOf('/ann/other') })).toBe('EACCES');
  });

  it.each([
    ['elsewhere', '/bob/f'],
    ['above', '/'],
    ['at a neighbour whose name begins alike', '/annex'],
    ['by ..', '/ann/../bob/f'],
    ['by .. to above', '/ann/..'],
    ['by a link to a directory', '/ann/to-bob/f'],
    ['by a link to a file', '/ann/to-f'],
    ['through a link outside that leads back', '/bob/to-ann/f'],
    ['where there is nothing, which he does not learn', '/nothing'],
  ])('finds nothing %s', (_, path) => {
    expect(ann.stat(path)).toBe('EACCES');
    expect(ann.names(path)).toEqual(['EACCES']);
    expect(ann.chmod(path, 0o777)).toBe('EACCES');
    expect(ann.call({ kind: 'open', path: bytesOf(path), flags: ['RDONLY'], mode: 0 })).toBe(
      'EACCES',
    );
    const clone = {
      kind: 'clone',
      from: bytesOf(path),
      to: bytesOf('/ann/copy'),
      recursive: true,
    } as const;
    if (path !== '/ann/to-f') expect(ann.call(clone)).toBe('EACCES');
  });

  it.each([
    ['the top itself', '/ann'],
    ['elsewhere', '/bob/f'],
    ['behind a link', '/ann/to-bob/f'],
  ])('takes away, moves and replaces nothing: %s', (_, path) => {
    expect(ann.unlink(path)).toBe('EACCES');
    expect(ann.rmdir(path)).toBe('EACCES');
    expect(ann.rename(path, '/ann/x')).toBe('EACCES');
    expect(ann.rename('/ann/f', path)).toBe('EACCES');
    expect(ann.rename('/ann/f', path, 'exchange')).toBe('EACCES');
    expect(ann.link('/ann/f', `${path}2`)).toBe('EACCES');
    for (const trash of [false, true])
      expect(ann.call({ kind: 'remove', path: bytesOf(path), recursive: true, trash })).toBe(
        'EACCES',
      );
  });

  it('makes nothing elsewhere, not even by a link to nothing', () => {
    expect(ann.create('/bob/new')).toBe('EACCES');
    expect(ann.mkdir('/carl')).toBe('EACCES');
    expect(ann.symlink('x', '/bob/link')).toBe('EACCES');
    expect(ann.mknod('/bob/pipe', 'fifo')).toBe('EACCES');
    expect(ann.create('/ann/to-new', 0o644, false)).toBe('EACCES');
    const create = {
      kind: 'open',
      path: bytesOf('/ann/to-new'),
      flags: ['WRONLY', 'CREAT'],
      mode: 0,
    } as const;
    expect(ann.call({ ...create, flags: [...create.flags] })).toBe('EACCES');
    expect(root.stat('/bob/new')).toBe('ENOENT');
  });

  it('reaches by number only what has a name of his', () => {
    for (const path of ['/', '/bob', '/bob/f', '/annex'])
      expect(ann.call(stat(byNumber(path)))).toBe('EACCES');
    root.link('/bob/f', '/ann/shared');
    expect(ann.call(stat(byNumber('/bob/f')))).toBe('ok');
    const located = ann.run({ kind: 'locate', object: byNumber('/bob/f') });
    expect(located).toEqual({ kind: 'paths', paths: ['/ann/shared'] });
  });

  it('brings no file of another to himself', () => {
    expect(ann.link('/bob/f', '/ann/mine')).toBe('EACCES');
    const concat = { kind: 'concat', to: bytesOf('/ann/f'), from: [bytesOf('/bob/f')] } as const;
    expect(ann.call({ ...concat, from: [...concat.from] })).toBe('EACCES');
    expect(root.stat('/bob/f')).toMatchObject({ nlink: 2 });
  });

  it('does not leave by his working directory', () => {
    for (const path of ['/', '/bob', '/ann']) {
      const process = files.process({ ...ann.caller, cwd: inoOf(path) });
      expect(process.stat(path === '/ann' ? '../bob/f' : 'f')).toBe('EACCES');
    }
  });

  it('does not keep by a handle what was taken out of his path', () => {
    const session = files.solo.openSession();
    ann.options = { session, requestNumber: 1 };
    const opened = ann.run({ kind: 'open', path: bytesOf('/ann/own'), flags: ['RDONLY'], mode: 0 });
    if (opened.kind !== 'opened') throw new Error('it was not opened');
    const object = { kind: 'handle', handle: opened.handle } as const;
    expect(ann.call(stat(object))).toBe('ok');
    root.rename('/ann/own', '/bob/taken');
    expect(ann.call(stat(object))).toBe('EACCES');
  });

  it('learns nothing from conditions', () => {
    const guard = { kind: 'exists', object: at('/bob/f') } as const;
    const request: FileRequest = {
      kind: 'one',
      volume: 'main',
      caller: ann.caller,
      ...PLAINLY,
      guards: [guard],
      op: stat(at('/ann/f')),
    };
    const missing = { ...request, guards: [{ ...guard, object: at('/bob/nothing') }] };
    expect(files.submit(request).answer).toEqual(files.submit(missing).answer);
  });

  it('is confined in the past as well', () => {
    const op = root.attributes('/bob').changedOp;
    root.unlink('/bob/second');
    ann.at = { kind: 'op', op };
    expect(ann.stat('/bob/second')).toBe('EACCES');
    expect(ann.call(stat(byNumber('/bob/f')))).toBe('EACCES');
    expect(ann.stat('/ann/f')).toMatchObject({ type: 'file' });
  });

  it('may have several paths, files among them, and does not move what is above them', () => {
    const both = confined('/ann/own', '/bob/f');
    expect(both.stat('/bob/f')).toMatchObject({ type: 'file' });
    expect(both.stat('/bob/own')).toBe('EACCES');
    expect(both.unlink('/bob/second')).toBe('EACCES');
    expect(both.truncate('/bob/f', 0)).toBe('ok');
    expect(both.unlink('/bob/f')).toBe('EACCES');
    expect(both.rename('/ann/own', '/ann/own2')).toBe('EACCES');
    expect(both.chmod('/ann', 0o777)).toBe('EACCES');
    expect(confined().stat('/ann')).toBe('EACCES');
    expect(confined('/nothing').mkdir('/nothing')).toBe('EACCES');
  });
});

describe('the bytes of a request', () => {
  const request: FileRequest = {
    kind: 'one',
    volume: 'main',
    caller: { uid: 1, gids: [1], umask: 0, cwd: 1 },
    ...PLAINLY,
    op: { kind: 'stat', object: at('/') },
  };

  it('are those of older versions for a caller who may go anywhere', () => {
    expect(encodeFileRequest(request)[0]).toBe(2);
  });

  it('carry the paths of one who may not', () => {
    const within = ['/ann' as ByteString];
    const narrowed = { ...request, caller: { ...request.caller, within } };
    const bytes = encodeFileRequest(narrowed);
    expect(bytes[0]).toBe(3);
    expect(decodeFileRequest(bytes)).toEqual(narrowed);
  });
});
