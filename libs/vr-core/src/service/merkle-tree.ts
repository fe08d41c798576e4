import type { ByteString } from '../encoding/byte-string';
import type { HashFunction } from '../state/log-entry';
import { encodeInner, FAN_OUT, heightOf, NO_HASH, spanOf } from './merkle-block';

/** What a tree is to become: hashes to be changed, level by level from the pages up. */
export interface MerkleUpdate {
  readonly pageCount: number;
  readonly root: ByteString;
  readonly changes: readonly ReadonlyMap<number, ByteString>[];
}

/**
 * Hashes of the pages of one table and, level above level, of lists of up to 256 of them, to one at the top. A change
 * costs the lists on the way up from the changed pages. (VRR §5.1)
 */
export class MerkleTree {
  private readonly hash: HashFunction;
  /** Of each level, from the pages up, the hashes by index. */
  private levels: ByteString[][] = [[]];

  constructor(hash: HashFunction) {
    this.hash = hash;
  }

  /** One more than the highest page. */
  get pageCount(): number {
    return this.level(0).length;
  }

  get root(): ByteString {
    return this.levels.at(-1)?.[0] ?? NO_HASH;
  }

  /** `NO_HASH` where nothing is; undefined above the top, which this tree does not know. */
  hashAt(level: number, index: number): ByteString | undefined {
    if (level >= this.levels.length) return index === 0 ? undefined : NO_HASH;
    return this.level(level)[index] ?? NO_HASH;
  }

  /** The inner block at a level from 1 up; undefined when nothing is there. */
  blockAt(level: number, index: number): Uint8Array | undefined {
    if (level < 1 || level >= this.levels.length) return undefined;
    const from = index * FAN_OUT;
    return encodeInner(this.level(level - 1).slice(from, from + FAN_OUT));
  }

  /** Pages in use below a block. */
  pagesBelow(level: number, index: number): number[] {
    const from = index * spanOf(level);
    return this.pagesFrom(from, from + spanOf(level));
  }

  /** Pages in use with from <= page < to. */
  pagesFrom(from: number, to = this.pageCount): number[] {
    const pages: number[] = [];
    const end = Math.min(to, this.pageCount);
    for (let page = from; page < end; page += 1)
      if (this.level(0)[page] !== NO_HASH) pages.push(page);
    return pages;
  }

  /** What this tree becomes when these pages have these hashes; nothing is changed yet. */
  updateFor(pages: ReadonlyMap<number, ByteString>): MerkleUpdate {
    const pageCount = this.pageCountWith(pages);
    const height = heightOf(pageCount);
    const changes = [pages];
    for (let level = 1; level <= height; level += 1)
      changes.push(this.hashesAbove(level, changes[level - 1] as ReadonlyMap<number, ByteString>));
    const root = changes[height]?.get(0) ?? this.hashAt(height, 0) ?? NO_HASH;
    return { pageCount, root, changes };
  }

  apply({ pageCount, changes }: MerkleUpdate): void {
    this.levels = changes.map((hashes, level) => {
      const width = Math.ceil(pageCount / spanOf(level));
      return changed(this.levels[level] ?? [], hashes, width);
    });
  }

  private level(level: number): ByteString[] {
    return this.levels[level] as ByteString[];
  }

  private pageCountWith(pages: ReadonlyMap<number, ByteString>): number {
    let count = this.pageCount;
    for (const page of pages.keys()) if (page >= count) count = page + 1;
    const hashAt = (page: number) => pages.get(page) ?? this.level(0)[page] ?? NO_HASH;
    while (count > 0 && hashAt(count - 1) === NO_HASH) count -= 1;
    return count;
  }

  private hashesAbove(
    level: number,
    below: ReadonlyMap<number, ByteString>,
  ): ReadonlyMap<number, ByteString> {
    const hashes = new Map<number, ByteString>();
    // A level that is new begins with what was the top.
    if (level >= this.levels.length) hashes.set(0, this.hashAbove(level, 0, below));
    for (const child of below.keys()) {
      const index = Math.floor(child / FAN_OUT);
      if (!hashes.has(index)) hashes.set(index, this.hashAbove(level, index, below));
    }
    return hashes;
  }

  private hashAbove(
    level: number,
    index: number,
    below: ReadonlyMap<number, ByteString>,
  ): ByteString {
    const children: ByteString[] = [];
    for (let child = index * FAN_OUT; child < (index + 1) * FAN_OUT; child += 1)
      children.push(below.get(child) ?? this.hashAt(level - 1, child) ?? NO_HASH);
    const block = encodeInner(children);
    return block === undefined ? NO_HASH : this.hash(block);
  }
}

/** One level with its changes, as wide as it is to be. */
function changed(
  level: ByteString[],
  hashes: ReadonlyMap<number, ByteString>,
  width: number,
): ByteString[] {
  while (level.length < width) level.push(NO_HASH);
  for (const [index, hash] of hashes) if (index < width) level[index] = hash;
  level.length = width;
  return level;
}
