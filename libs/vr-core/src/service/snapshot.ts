import type { ByteString } from '../encoding/byte-string';

/** One page of one table; without bytes: the page is gone. */
export interface ChangedPage {
  /** `owner/name` */
  readonly table: string;
  readonly page: number;
  /** In its canonical encoding, the receiver's own. */
  readonly bytes: Uint8Array | undefined;
}

/**
 * The state as it was when it was frozen, while operations go on: pages are encoded a few at a time, and one that is
 * about to change is encoded before it does. Nothing waits and nothing is copied that is not written. (VRR §5.1)
 */
export interface Snapshot {
  /**
   * Up to `pagesMax` more of the pages that were touched between the last snapshot that was closed and the freeze, each
   * once. None when all have been given.
   */
  encode(pagesMax: number): readonly ChangedPage[];
  /** True when all pages have been given. */
  readonly done: boolean;
  /** The Merkle root over all tables. Throws before `done`. */
  readonly root: ByteString;
  /** Ends it: from here on the store's blocks and root are its own. Throws before `done`. */
  close(): void;
  /** Ends it as if it had not been: its pages are in the next one. What was given of it must not be used. */
  abandon(): void;
}
