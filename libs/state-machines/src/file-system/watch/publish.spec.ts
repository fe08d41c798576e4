import { handle, remove, setxattr, truncate, write } from '../twin/operations';
import { openFile, processWithSession } from '../twin/solo-open';
import { SoloFiles, type SoloProcess } from '../twin/solo-files';
import type { FileObject } from '../wire/arguments';
import { decodeFileChange } from './change';

/** What watchers are told when something is done, as `change path`, with `?` behind what is not the name itself. */
function told({ files: { solo } }: SoloProcess, what: () => void): readonly string[] {
  const seen = solo.events.length;
  what();
  return solo.events
    .slice(seen)
    .map(({ bytes }) => decodeFileChange(bytes))
    .map(({ change, path, named }) => `${change} ${path}${named ? '' : '?'}`);
}

function changeAll(process: SoloProcess, object: FileObject, isFile = true): void {
  const ops = [
    { kind: 'chmod', object, mode: 0o640 } as const,
    { kind: 'chown', object, uid: 7, gid: 7 } as const,
    { kind: 'setflags', object, flags: 1 } as const,
    setxattr(object, 3),
    ...(isFile ? [write(object, 4), truncate(object, 2n)] : []),
  ];
  for (const op of ops) expect([op.kind, process.call(op)]).toEqual([op.kind, 'ok']);
}

const CHANGES = ['attributes', 'attributes', 'attributes', 'xattr', 'content', 'content'];

describe('what watchers are told of an open file', () => {
  it('is in which directory it is, or nothing of that when it has several names', () => {
    const process = processWithSession(new SoloFiles());
    process.mkdir('/d');
    process.create('/d/f');
    const open = handle(openFile(process, '/d/f', 'RDWR'));
    const one = told(process, () => {
      changeAll(process, open);
    });
    expect(one).toEqual(CHANGES.map((change) => `${change} /d?`));
    process.link('/d/f', '/twin');
    const two = told(process, () => {
      changeAll(process, open);
    });
    expect(two).toEqual(CHANGES.map((change) => `${change} ?`));
  });

  it('is nothing once no name leads to it', () => {
    const process = processWithSession(new SoloFiles());
    process.create('/f');
    process.mkdir('/d');
    const file = handle(openFile(process, '/f', 'RDWR'));
    const directory = handle(openFile(process, '/d', 'RDONLY DIRECTORY'));
    process.unlink('/f');
    process.rmdir('/d');
    const events = told(process, () => {
      changeAll(process, file);
      changeAll(process, directory, false);
      process.call({ kind: 'close', object: file });
    });
    expect(events).toEqual([]);
  });

  it('is nothing while all its names are in what was taken away', () => {
    const process = processWithSession(new SoloFiles());
    process.mkdir('/d');
    process.create('/d/f');
    process.link('/d/f', '/d/twin');
    process.link('/d/f', '/elsewhere');
    const file = handle(openFile(process, '/d/f', 'RDWR'));
    process.call(remove('/d', true));
    const chmod = (): readonly string[] =>
      told(process, () => {
        process.call({ kind: 'chmod', object: file, mode: 0o600 });
      });
    expect(chmod()).toEqual(['attributes ?']);
    process.call(remove('/elsewhere', true));
    expect(chmod()).toEqual([]);
  });
});
