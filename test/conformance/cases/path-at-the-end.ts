import { PLAIN, ROOT, nameOf } from '../actors';
import type { Actor, ConformanceCase, Family, Operation } from '../conformance-case';
import { entry } from '../scenery';
import { linksIn } from './path-on-the-way';
import { TAKER_NAMES, TAKERS } from './path-takers';

/**
 * What each operation says of each form of a last component. `f` is a file, `d` an empty directory, `g` one with an
 * entry, `p` a fifo; `lf`, `ld`, `lg`, `lp`, `lm`, `ll` are links to them, to nothing (`m`), and to themselves;
 * `lms` and `lfs` lead to them with a slash behind. `linkN` follows N links, and (4095) is a path of so many bytes.
 *
 * Columns: stat, lstat, readlink, readdir, create, exclusive create, mkdir, mknod of a fifo, bind, symlink, link from
 * it, link from it followed, link to it, unlink, rmdir, rename from it, rename to it of a file, chmod, chown, lchown,
 * both times to now, the same not followed, truncate.
 */
const TABLE = `
f               -  -  IN ND -  EX EX EX AU EX -  -  EX -  ND -  -  -  -  -  -  -  -
f/              ND ND ND ND ID ID EX EX AU EX ND ND EX ND ND ND ND ND ND ND ND ND ND
f//             ND ND ND ND ID ID EX EX AU EX ND ND EX ND ND ND ND ND ND ND ND ND ND
d               -  -  IN -  ID EX EX EX AU EX PE PE EX ID -  -  ID -  -  -  -  -  ID
d/              -  -  IN -  ID ID EX EX AU EX PE PE EX ID -  -  ND -  -  -  -  -  ID
d//             -  -  IN -  ID ID EX EX AU EX PE PE EX ID -  -  ND -  -  -  -  -  ID
g               -  -  IN -  ID EX EX EX AU EX PE PE EX ID NY -  ID -  -  -  -  -  ID
g/              -  -  IN -  ID ID EX EX AU EX PE PE EX ID NY -  ND -  -  -  -  -  ID
m               NE NE NE NE -  -  -  -  -  -  NE NE -  NE NE NE -  NE NE NE NE NE NE
m/              NE NE NE NE ID ID -  NE NE NE NE NE NE NE NE NE ND NE NE NE NE NE NE
p               -  -  IN ND -  EX EX EX AU EX -  -  EX -  ND -  -  -  -  -  -  -  IN
p/              ND ND ND ND ID ID EX EX AU EX ND ND EX ND ND ND ND ND ND ND ND ND ND
lf              -  -  -  ND -  EX EX EX AU EX -  -  EX -  ND -  -  -  -  -  -  -  -
lf/             ND ND ND ND ID ID EX EX AU EX ND ND EX ND ND ND ND ND ND ND ND ND ND
lfs             ND -  -  ND ID EX EX EX AU EX -  ND EX -  ND -  -  ND ND -  ND -  ND
ld              -  -  -  -  ID EX EX EX AU EX -  PE EX -  ND -  -  -  -  -  -  -  ID
ld/             -  -  IN -  ID ID EX EX AU EX PE PE EX ND ND ND ND -  -  -  -  -  ID
lg              -  -  -  -  ID EX EX EX AU EX -  PE EX -  ND -  -  -  -  -  -  -  ID
lg/             -  -  IN -  ID ID EX EX AU EX PE PE EX ND ND ND ND -  -  -  -  -  ID
lp              -  -  -  ND -  EX EX EX AU EX -  -  EX -  ND -  -  -  -  -  -  -  IN
lp/             ND ND ND ND ID ID EX EX AU EX ND ND EX ND ND ND ND ND ND ND ND ND ND
lm              NE -  -  NE -  EX EX EX AU EX -  NE EX -  ND -  -  NE NE -  NE -  NE
lm/             NE NE NE NE ID ID EX EX AU EX NE NE EX ND ND ND ND NE NE NE NE NE NE
lms             NE -  -  NE ID EX EX EX AU EX -  NE EX -  ND -  -  NE NE -  NE -  NE
lms/            NE NE NE NE ID ID EX EX AU EX NE NE EX ND ND ND ND NE NE NE NE NE NE
ll              LO -  -  LO LO EX EX EX AU EX -  LO EX -  ND -  -  LO LO -  LO -  LO
ll/             LO LO LO LO ID ID EX EX AU EX LO LO EX ND ND ND ND LO LO LO LO LO LO
.               -  -  IN -  ID EX EX EX AU EX PE PE EX ID IN BU BU -  -  -  -  -  ID
./              -  -  IN -  ID EX EX EX AU EX PE PE EX ID IN BU BU -  -  -  -  -  ID
..              -  -  IN -  ID EX EX EX AU EX PE PE EX ID NY BU BU -  -  -  -  -  ID
../             -  -  IN -  ID EX EX EX AU EX PE PE EX ID NY BU BU -  -  -  -  -  ID
d/.             -  -  IN -  ID EX EX EX AU EX PE PE EX ID IN BU BU -  -  -  -  -  ID
d/./            -  -  IN -  ID EX EX EX AU EX PE PE EX ID IN BU BU -  -  -  -  -  ID
d/..            -  -  IN -  ID EX EX EX AU EX PE PE EX ID NY BU BU -  -  -  -  -  ID
g/..            -  -  IN -  ID EX EX EX AU EX PE PE EX ID NY BU BU -  -  -  -  -  ID
ld/.            -  -  IN -  ID EX EX EX AU EX PE PE EX ID IN BU BU -  -  -  -  -  ID
ld/..           -  -  IN -  ID EX EX EX AU EX PE PE EX ID NY BU BU -  -  -  -  -  ID
lf/.            ND ND ND ND ND ND ND ND ND ND ND ND ND ND ND ND ND ND ND ND ND ND ND
/               -  -  IN -  ID EX EX EX AU EX PE PE EX ID BU BU BU -  -  -  -  -  ID
//              -  -  IN -  ID EX EX EX AU EX PE PE EX ID BU BU BU -  -  -  -  -  ID
/.              -  -  IN -  ID EX EX EX AU EX PE PE EX ID IN BU BU -  -  -  -  -  ID
/..             -  -  IN -  ID EX EX EX AU EX PE PE EX ID NY BU BU -  -  -  -  -  ID
/f              -  -  IN ND -  EX EX EX AU EX -  -  EX -  ND -  -  -  -  -  -  -  -
../f            -  -  IN ND -  EX EX EX AU EX -  -  EX -  ND -  -  -  -  -  -  -  -
/../f           -  -  IN ND -  EX EX EX AU EX -  -  EX -  ND -  -  -  -  -  -  -  -
d/../f          -  -  IN ND -  EX EX EX AU EX -  -  EX -  ND -  -  -  -  -  -  -  -
.//f            -  -  IN ND -  EX EX EX AU EX -  -  EX -  ND -  -  -  -  -  -  -  -
./d/            -  -  IN -  ID ID EX EX AU EX PE PE EX ID -  -  ND -  -  -  -  -  ID
ld/../f         -  -  IN ND -  EX EX EX AU EX -  -  EX -  ND -  -  -  -  -  -  -  -
link1           -  -  -  -  ID EX EX EX AU EX -  PE EX -  ND -  -  -  -  -  -  -  ID
link1/          -  -  IN -  ID ID EX EX AU EX PE PE EX ND ND ND ND -  -  -  -  -  ID
link1/f         -  -  IN ND -  EX EX EX AU EX -  -  EX -  ND -  -  -  -  -  -  -  -
link40          -  -  -  -  ID EX EX EX AU EX -  PE EX -  ND -  -  -  -  -  -  -  ID
link40/         -  -  IN -  ID ID EX EX AU EX PE PE EX ND ND ND ND -  -  -  -  -  ID
link40/f        -  -  IN ND -  EX EX EX AU EX -  -  EX -  ND -  -  -  -  -  -  -  -
link40/.        -  -  IN -  ID EX EX EX AU EX PE PE EX ID IN BU BU -  -  -  -  -  ID
link41          LO -  -  LO LO EX EX EX AU EX -  LO EX -  ND -  -  LO LO -  LO -  LO
link41/         LO LO LO LO ID ID EX EX AU EX LO LO EX ND ND ND ND LO LO LO LO LO LO
link20/link20/f -  -  IN ND -  EX EX EX AU EX -  -  EX -  ND -  -  -  -  -  -  -  -
link20/link21/f LO LO LO LO LO LO LO LO LO LO LO LO LO LO LO LO LO LO LO LO LO LO LO
(4095)          -  -  IN ND -  EX EX EX AU EX -  -  EX -  ND -  -  -  -  -  -  -  -
`;

const WORDS: Readonly<Record<string, string>> = {
  '-': 'ok',
  AU: 'EADDRINUSE',
  BU: 'EBUSY',
  EX: 'EEXIST',
  ID: 'EISDIR',
  IN: 'EINVAL',
  LO: 'ELOOP',
  ND: 'ENOTDIR',
  NE: 'ENOENT',
  NY: 'ENOTEMPTY',
  PE: 'EPERM',
};

export const pathAtTheEnd: Family = {
  name: 'paths, at the end',
  cases: () => [ROOT, PLAIN].flatMap((caller) => rows().flatMap((row) => casesOf(row, caller))),
};

interface Row {
  readonly form: string;
  readonly errnos: readonly string[];
}

function rows(): readonly Row[] {
  return TABLE.trim()
    .split('\n')
    .map((line) => {
      const [form = '', ...errnos] = line.trim().split(/\s+/);
      return { form, errnos };
    });
}

function casesOf({ form, errnos }: Row, caller: Actor): ConformanceCase[] {
  const path = form === '(4095)' ? `${'./'.repeat(2047)}f` : form;
  return TAKER_NAMES.map((taker, at) => ({
    name: `${taker} of ${form}: ${nameOf(caller)}`,
    setup: scenery(path),
    ...(caller === PLAIN && { setupBy: PLAIN }),
    caller,
    ops: [TAKERS[taker](path)],
    expected: WORDS[errnos[at] ?? ''] ?? 'no word',
  }));
}

const LINKS = {
  lf: 'f',
  ld: 'd',
  lg: 'g',
  lp: 'p',
  lm: 'm',
  ll: 'll',
  lms: 'm/',
  lfs: 'f/',
};

function scenery(path: string): readonly Operation[] {
  return [
    ...entry('file', 'src', { mode: 0o644 }),
    ...entry('file', 'f', { mode: 0o644 }),
    ...entry('dir', 'd', { mode: 0o755 }),
    ...entry('dir', 'g', { mode: 0o755 }),
    ...entry('file', 'g/in', { mode: 0o644 }),
    ...entry('fifo', 'p', { mode: 0o644 }),
    ...linksIn(path, LINKS),
  ];
}
