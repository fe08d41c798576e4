import { SoloFiles } from '../twin/solo-files';

/** A directory of ann's and group 2000. */
function codes(mode: number, caller: { uid: number; gids: readonly number[] }): readonly string[] {
  const files = new SoloFiles();
  const root = files.process();
  root.mkdir('/d');
  root.create('/d/f');
  root.chown('/d', 1001, 2000);
  root.chmod('/d', mode);
  const process = files.process(caller);
  const searched = process.stat('/d/f');
  return [
    process.names('/d').join(),
    typeof searched === 'string' ? searched : 'found',
    process.create('/d/new'),
  ];
}

const ann = { uid: 1001, gids: [1001] };
const member = { uid: 1002, gids: [1002, 2000] };
const stranger = { uid: 1003, gids: [1003] };
const ALL = ['f', 'found', 'ok'];
const NOTHING = ['EACCES', 'EACCES', 'EACCES'];

describe('permission (POSIX XBD 4.7)', () => {
  it('of the owner is told by the owner bits alone', () => {
    expect(codes(0o700, ann)).toEqual(ALL);
    expect(codes(0o077, ann)).toEqual(NOTHING);
  });

  it('of a member of the group, by any of his groups, is told by the group bits alone', () => {
    expect(codes(0o070, member)).toEqual(ALL);
    expect(codes(0o707, member)).toEqual(NOTHING);
  });

  it('of everyone else is told by the other bits alone', () => {
    expect(codes(0o007, stranger)).toEqual(ALL);
    expect(codes(0o770, stranger)).toEqual(NOTHING);
  });

  it('to read, to search and to write are three', () => {
    expect(codes(0o004, stranger)).toEqual(['f', 'EACCES', 'EACCES']);
    expect(codes(0o001, stranger)).toEqual(['EACCES', 'found', 'EACCES']);
    expect(codes(0o002, stranger)).toEqual(NOTHING);
    expect(codes(0o003, stranger)).toEqual(['EACCES', 'found', 'ok']);
  });

  it('is not asked of root', () => {
    expect(codes(0, { uid: 0, gids: [0] })).toEqual(ALL);
  });
});
