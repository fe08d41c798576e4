import type { Volume } from './volume';

/** Pages encoded at a time: what a replica does in one tick. */
const PAGES_EACH = 64;

export interface Checkpoint {
  readonly pages: number;
  readonly bytes: number;
  readonly freezeMs: number;
  /** Encoding, hashes included. */
  readonly encodeMs: number;
  /** The longest that one encoding of `PAGES_EACH` pages kept the replica. */
  readonly worstMs: number;
  readonly hashMs: number;
}

/** Takes a checkpoint of what has changed since the last one, without a disk. */
export function takeCheckpoint(volume: Volume): Checkpoint {
  const hashedMs = volume.hashMs;
  const startMs = performance.now();
  const snapshot = volume.store.freeze();
  const freezeMs = performance.now() - startMs;
  let [pages, bytes, worstMs] = [0, 0, 0];
  while (!snapshot.done) {
    const fromMs = performance.now();
    const encoded = snapshot.encode(PAGES_EACH);
    worstMs = Math.max(worstMs, performance.now() - fromMs);
    pages += encoded.length;
    for (const page of encoded) bytes += page.bytes?.length ?? 0;
  }
  snapshot.close();
  const encodeMs = performance.now() - startMs - freezeMs;
  return { pages, bytes, freezeMs, encodeMs, worstMs, hashMs: volume.hashMs - hashedMs };
}
