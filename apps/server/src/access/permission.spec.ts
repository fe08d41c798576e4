import type { Grant, Part } from './grant';
import { anywhere, everywhere, onLock, type Need } from './need';
import { missing } from './permission';
import { LOCAL } from './principal';
import type { Role } from './role';

const locks = (prefix: string): Part => ({ kind: 'locks', prefix });
const files = (volume: string, path: string): Part => ({ kind: 'files', volume, path });
const grant = (role: Role, on?: Part): Grant => ({ role, on });
const onFiles = (role: Role, volume: string, path: string): Need => ({
  role,
  on: files(volume, path),
});

describe('what a grant covers', () => {
  it.each<[string, Grant, Need, boolean]>([
    ['a role includes those before it', grant('admin'), everywhere('reader'), true],
    ['a role does not include those after it', grant('client'), everywhere('admin'), false],
    ['a grant on everything covers a lock', grant('client'), onLock('client', 'a'), true],
    ['a part is not everything', grant('admin', locks('')), everywhere('reader'), false],
    ['a part is something', grant('client', locks('a/')), anywhere('client'), true],
    ['a prefix covers what begins so', grant('client', locks('a/')), onLock('client', 'a/b'), true],
    [
      'a prefix covers no shorter prefix',
      grant('reader', locks('a/')),
      onLock('reader', 'a'),
      false,
    ],
    ['locks are no files', grant('admin', locks('')), onFiles('reader', 'main', '/'), false],
    [
      'a path covers itself',
      grant('client', files('main', '/a')),
      onFiles('client', 'main', '/a'),
      true,
    ],
    [
      '… what is under it',
      grant('client', files('main', '/a')),
      onFiles('client', 'main', '/a/b'),
      true,
    ],
    [
      '… not its neighbour',
      grant('client', files('main', '/a')),
      onFiles('client', 'main', '/ab'),
      false,
    ],
    ['… not above it', grant('client', files('main', '/a')), onFiles('client', 'main', '/'), false],
    ['… not another volume', grant('client', files('a', '/')), onFiles('client', 'b', '/'), false],
    [
      'the root covers its volume',
      grant('client', files('a', '/')),
      onFiles('client', 'a', '/x'),
      true,
    ],
  ])('%s', (_, held, need, isCovered) => {
    const principal = { ...LOCAL, grants: [held] };
    expect(missing(principal, [need])).toEqual(isCovered ? undefined : need);
  });

  it('covers all of several needs, by several grants, or not at all', () => {
    const grants = [grant('client', locks('a')), grant('client', locks('b'))];
    const principal = { ...LOCAL, grants };
    expect(missing(principal, [onLock('client', 'a'), onLock('client', 'b')])).toBeUndefined();
    const lacking = onLock('client', 'c');
    expect(missing(principal, [onLock('client', 'a'), lacking])).toEqual(lacking);
  });
});
