import type { DirtyPages } from './dirty-pages';

export type TableKind = 'records' | 'ordered';

/** A table as its store sees it: pages by number from 0, each of which can be written, replaced and hashed on its own. */
export interface PagedTable {
  readonly kind: TableKind;
  /** Bytes of each record; 0 for a table of another kind. */
  readonly recordBytes: number;
  readonly dirty: DirtyPages;
  /** Number of entries. */
  readonly size: number;
  /** The page in its canonical encoding: equal content, equal bytes. Undefined when the page is not in use. */
  encodePage(page: number): Uint8Array | undefined;
  /**
   * Replaces one page, or gives it up without `bytes`, which are not kept. Throws `Malformed`, and changes nothing, when
   * they are no page of this table. The table is not to be used before `rebuild`.
   */
  loadPage(page: number, bytes: Uint8Array | undefined): void;
  /** Makes what is derived from the pages anew. Throws `Malformed` when together they are no table. */
  rebuild(): void;
}
