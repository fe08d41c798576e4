import { accessBits } from './cases/access-bits';
import { acl } from './cases/acl';
import { create } from './cases/create';
import { effects } from './cases/effects';
import { flags } from './cases/flags';
import { handles } from './cases/handles';
import { link } from './cases/link';
import { chmod, chown, chownMore } from './cases/mode-and-owner';
import { open } from './cases/open';
import { pathAtTheEnd } from './cases/path-at-the-end';
import { pathOnTheWay } from './cases/path-on-the-way';
import { reading } from './cases/reading';
import { remove } from './cases/remove';
import { rename } from './cases/rename';
import { utimens } from './cases/times';
import { truncate } from './cases/truncate';
import { workingDirectory } from './cases/working-directory';
import { xattr } from './cases/xattr';
import type { Family } from './conformance-case';

/** The whole table. */
export const FAMILIES: readonly Family[] = [
  pathOnTheWay,
  pathAtTheEnd,
  workingDirectory,
  accessBits,
  create,
  remove,
  rename,
  link,
  chmod,
  chown,
  chownMore,
  utimens,
  truncate,
  reading,
  effects,
  open,
  handles,
  flags,
  xattr,
  acl,
];
