import { settingsOf } from '../twin/settings';
import { at, SoloFiles, type SoloProcess } from '../twin/solo-files';

const [READ, WRITE, SEARCH] = [4, 2, 1];

const asks = (process: SoloProcess, path: string, mode: number, follow = true): string =>
  process.call({ kind: 'access', object: at(path, follow), mode });

function start(): {
  readonly root: SoloProcess;
  readonly ann: SoloProcess;
  readonly bob: SoloProcess;
} {
  const files = new SoloFiles();
  const root = files.process();
  root.create('/f', 0o640);
  root.chown('/f', 1001, 2000);
  root.mkdir('/d', 0o700);
  root.create('/d/g');
  root.symlink('f', '/s');
  const ann = files.process({ uid: 1001, gids: [1001] });
  return { root, ann, bob: files.process({ uid: 1002, gids: [1002, 2000] }) };
}

describe('access', () => {
  it('tells by the ids of the call whether all that is asked for is allowed', () => {
    const { ann, bob } = start();
    const codes = (process: SoloProcess): readonly string[] =>
      [READ, WRITE, READ + WRITE, SEARCH, READ + SEARCH].map((mode) => asks(process, '/f', mode));
    expect(codes(ann)).toEqual(['ok', 'ok', 'ok', 'EACCES', 'EACCES']);
    expect(codes(bob)).toEqual(['ok', 'EACCES', 'EACCES', 'EACCES', 'EACCES']);
  });

  it('of 0 asks whether it is there, and can be reached', () => {
    const { ann, root } = start();
    expect([asks(ann, '/f', 0), asks(ann, '/n', 0)]).toEqual(['ok', 'ENOENT']);
    expect([asks(ann, '/d/g', 0), asks(root, '/d/g', 0)]).toEqual(['EACCES', 'ok']);
  });

  it('follows a link when it is told to', () => {
    const { bob } = start();
    expect([asks(bob, '/s', WRITE), asks(bob, '/s', WRITE, false)]).toEqual(['EACCES', 'ok']);
  });

  it('lets root do all, but execute what nobody may', () => {
    const { root } = start();
    expect([asks(root, '/f', READ + WRITE), asks(root, '/d', SEARCH)]).toEqual(['ok', 'ok']);
    expect(asks(root, '/f', SEARCH)).toBe('EACCES');
    root.chmod('/f', 0o641);
    expect(asks(root, '/f', SEARCH)).toBe('ok');
  });

  it('tells that nobody writes what is immutable, or in a read-only volume', () => {
    const { root, bob } = start();
    root.call({ kind: 'setflags', object: at('/f'), flags: 2 });
    expect([asks(root, '/f', WRITE), asks(bob, '/f', WRITE), asks(bob, '/f', READ)]).toEqual([
      'EPERM',
      'EPERM',
      'ok',
    ]);
    root.mknod('/p', 'fifo', 0o666);
    root.call({ kind: 'definevolume', settings: settingsOf({ readOnly: true }) });
    expect([asks(root, '/f', WRITE), asks(root, '/p', WRITE)]).toEqual(['EROFS', 'ok']);
  });
});
