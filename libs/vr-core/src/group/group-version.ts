import type { ByteString } from '../encoding/byte-string';
import { decode, encode, integer } from '../encoding/shape';
import type { Ordered, Tables } from '../service/tables';

/**
 * The versions of everything replicated that this program can work at: entries, requests, operations, rows of the state. Raised
 * by a program that could write something that the one before it cannot read; it writes that only where the group works at
 * the new version. (ADR 22)
 */
export const GROUP_VERSIONS = { lowest: 1, highest: 1 };

/** At which a group is born. */
const FIRST = 1;
const KEY = 'version' as ByteString;
const shape = integer(FIRST);

/** The group works at a version that this program cannot work at: it must end, before it makes another state of the log. */
export class UnknownGroupVersion extends Error {
  override readonly name = 'UnknownGroupVersion';

  constructor(version: number) {
    const { lowest, highest } = GROUP_VERSIONS;
    super(
      `the group works at version ${version}, and this program knows ${lowest} to ${highest}: start a program that knows it`,
    );
  }
}

/** The version that the group works at, in the state like any table. */
export class GroupVersion {
  current: number;
  private readonly table: Ordered;

  /** Throws `UnknownGroupVersion`. */
  constructor(tables: Tables) {
    this.table = tables.ordered('version');
    const row = this.table.get(KEY);
    this.current = known(row === undefined ? FIRST : decode(shape, row));
  }

  /** False when it is not the next one. Throws `UnknownGroupVersion`. */
  raise(version: number): boolean {
    if (version === this.current) return true;
    if (version !== this.current + 1) return false;
    this.current = known(version);
    this.table.put(KEY, encode(shape, version));
    return true;
  }
}

function known(version: number): number {
  if (version < GROUP_VERSIONS.lowest || version > GROUP_VERSIONS.highest)
    throw new UnknownGroupVersion(version);
  return version;
}
