import { at, SoloFiles, type SoloProcess } from '../twin/solo-files';
import { close, objectOf, openFile, processWithSession, type Named } from '../twin/solo-open';
import { FilesWithTables } from '../twin/files-with-tables';

const flock = (
  process: SoloProcess,
  on: Named,
  mode: 'shared' | 'exclusive' | 'unlock',
  owner = 'o',
): string => process.call({ kind: 'flock', object: objectOf(on), owner, mode });

function modes(process: SoloProcess): readonly string[] {
  const result = process.run({ kind: 'getlocks', object: at('/f'), plock: undefined });
  if (result.kind !== 'locks') throw new Error('getlocks gives locks');
  return result.locks.map(({ kind, exclusive }) => `${kind} ${exclusive ? 'x' : 's'}`);
}

function start(files = new SoloFiles()): { files: SoloFiles; ann: SoloProcess; bob: SoloProcess } {
  const ann = processWithSession(files);
  const bob = processWithSession(files);
  ann.create('/f', 0o666);
  return { files, ann, bob };
}

describe('flock', () => {
  it('is shared by many or held by one', () => {
    const { ann, bob } = start();
    expect([flock(ann, '/f', 'shared'), flock(bob, '/f', 'shared')]).toEqual(['ok', 'ok']);
    expect([flock(bob, '/f', 'exclusive'), flock(ann, '/f', 'exclusive', 'p2')]).toEqual([
      'EAGAIN',
      'EAGAIN',
    ]);
    expect([flock(ann, '/f', 'unlock'), flock(bob, '/f', 'exclusive')]).toEqual(['ok', 'ok']);
    expect(flock(ann, '/f', 'shared')).toBe('EAGAIN');
    expect([flock(bob, '/f', 'shared'), flock(ann, '/f', 'shared')]).toEqual(['ok', 'ok']);
  });

  it('keeps the mode it has when the other is refused', () => {
    const { ann, bob } = start();
    flock(ann, '/f', 'shared');
    flock(bob, '/f', 'shared');
    flock(bob, '/f', 'exclusive');
    expect(modes(ann)).toEqual(['flock s', 'flock s']);
  });

  it('has nothing to do with ranges of bytes', () => {
    const { ann, bob } = start();
    flock(ann, '/f', 'exclusive');
    const object = at('/f');
    expect(
      bob.call({ kind: 'plock', object, owner: 'o', mode: 'write', start: 0, length: 0 }),
    ).toBe('ok');
    expect(modes(ann)).toEqual(['flock x', 'plock x']);
  });

  it('is of a directory as well, and needs to read or to write it', () => {
    const { files, ann } = start();
    ann.mkdir('/d');
    ann.chmod('/f', 0o622);
    const eve = processWithSession(files, { uid: 5, gids: [5] });
    expect([flock(ann, '/d', 'exclusive'), flock(eve, '/f', 'exclusive')]).toEqual(['ok', 'ok']);
    ann.chmod('/f', 0o600);
    expect(flock(eve, '/f', 'unlock')).toBe('EACCES');
    expect(flock(files.process(), '/f', 'shared')).toBe('EINVAL');
  });

  it('goes with the session’s last handle of the file, and not before', () => {
    const { ann, bob } = start();
    const [one, other] = [openFile(ann, '/f', 'RDONLY'), openFile(ann, '/f', 'RDONLY')];
    openFile(bob, '/f', 'RDONLY');
    flock(ann, one, 'exclusive');
    close(ann, one);
    expect(flock(bob, '/f', 'shared')).toBe('EAGAIN');
    close(ann, other);
    expect(flock(bob, '/f', 'shared')).toBe('ok');
  });

  it('is no change of the file', () => {
    const { ann } = start();
    const before = ann.attributes('/f');
    flock(ann, '/f', 'exclusive');
    expect(ann.attributes('/f')).toEqual(before);
  });

  it('goes with the file', () => {
    const files = new FilesWithTables();
    const { tables } = files;
    const { ann } = start(files);
    flock(ann, '/f', 'exclusive');
    ann.unlink('/f');
    expect([tables.locks.size, tables.lockers.size]).toEqual([0, 0]);
  });
});
