import type { DamageOnDisk, Execution } from '@lockstep/vr-core';
import type { PageDirectory } from '../page-directory';

/** Something on the disk that is not what was written. */
export type Damage =
  | { readonly kind: 'promise'; readonly copy: string }
  | { readonly kind: 'mark' }
  /** The record of the checkpoint in force. */
  | { readonly kind: 'checkpoint' }
  | { readonly kind: 'flush'; readonly row: number }
  | {
      readonly kind: 'page';
      readonly table: string;
      readonly page: number;
      readonly row: number;
    }
  /** SQLite itself cannot read the file. */
  | {
      readonly kind: 'structure';
      readonly reason: string;
      /** Of the file in which it was found. */
      readonly of: PageDirectory;
    };

/** For people. */
export function nameOfDamage(damage: Damage): string {
  switch (damage.kind) {
    case 'promise':
      return damage.copy;
    case 'mark':
      return 'the mark of the last write';
    case 'checkpoint':
      return 'the record of the checkpoint';
    case 'flush':
      return `row ${damage.row} of the log`;
    case 'page':
      return `page ${damage.page} of ${damage.table} (row ${damage.row})`;
    case 'structure':
      return `the structure of the database: ${damage.reason}`;
  }
}

/** The same damage found again has the same key. */
export function keyOfDamage(damage: Damage): string {
  return damage.kind === 'structure' ? damage.kind : `${damage.kind} ${nameOfDamage(damage)}`;
}

/** What a scrubber needs of the replica whose disk it reads. */
export interface ScrubbedReplica {
  /** The replica has it in memory, and writes it again. */
  mend(damage: Omit<DamageOnDisk, 'kind'>): void;
  /** Whose Merkle tree pages are held against, while it is whole: the group brings it back otherwise, pages and all. */
  readonly execution: Pick<Execution, 'isWhole' | 'store'>;
}
