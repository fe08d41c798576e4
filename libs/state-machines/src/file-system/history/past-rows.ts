import {
  afterPrefix,
  readKeyU64,
  type ByteString,
  type Entry,
  type Ordered,
} from '@lockstep/vr-core';
import { inodeOfRow } from '../model/directory';
import type { FileTables } from '../model/tables';
import { fromImage } from './image';
import {
  imageKey,
  imagesOf,
  imagesOfImage,
  inodePrefixOf,
  keyOfImage,
  opOfImage,
  placeInTable,
  rowKey,
  TABLE,
} from './image-key';
import { notOfThePast, type PastState } from './past-state';

type RowTable = typeof TABLE.dentries | typeof TABLE.extra;
/** What was under a key: undefined when nothing was. */
type Was = readonly [at: ByteString, value: Uint8Array | undefined];

/** Names or extras as they were. Those of one inode are read at a time. */
export class PastRows implements Ordered {
  private readonly present: Ordered;
  private readonly history: Ordered;
  private readonly table: RowTable;
  private readonly state: PastState;

  constructor(tables: FileTables, table: RowTable, state: PastState) {
    this.present = table === TABLE.dentries ? tables.dentries : tables.extra;
    this.history = tables.history;
    this.table = table;
    this.state = state;
  }

  get(at: ByteString): Uint8Array | undefined {
    const images = imagesOf(this.state.volume, rowKey(this.table, at));
    const row = this.history.next(imageKey(images, this.state.op));
    const value =
      row?.[0].startsWith(images) === true ? fromImage(this.table, row[1]) : this.present.get(at);
    return value === undefined || this.isLater(at, value) ? undefined : value;
  }

  *range(from: ByteString, to?: ByteString): Iterable<Entry> {
    const ofInode = afterPrefix(from.slice(0, 8) as ByteString);
    const end = to === undefined || (ofInode !== undefined && to > ofInode) ? ofInode : to;
    for (const [at, value] of merged(this.present.range(from, end), this.images(from, end)))
      if (value !== undefined && !this.isLater(at, value)) yield [at, value];
  }

  /** Of each key that has changed since, in order of the keys, what was under it. */
  private *images(from: ByteString, end: ByteString | undefined): Iterable<Was> {
    const start = imagesOf(this.state.volume, rowKey(this.table, from));
    const inode = inodePrefixOf(start);
    let row = this.imageAfter(start, inode);
    while (row !== undefined) {
      const at = placeInTable(keyOfImage(row[0]));
      if (end !== undefined && at >= end) return;
      yield [at, fromImage(this.table, row[1])];
      row = this.imageAfter(imageKey(imagesOfImage(row[0]), Number.MAX_SAFE_INTEGER), inode);
    }
  }

  /** The first image above, of the same inode, that was replaced after the op. */
  private imageAfter(above: ByteString, inode: ByteString): Entry | undefined {
    const { op } = this.state;
    let row = this.history.next(above);
    while (row?.[0].startsWith(inode) === true) {
      if (opOfImage(row[0]) > op) return row;
      row = this.history.next(imageKey(imagesOfImage(row[0]), op));
    }
    return undefined;
  }

  /** What has come with an inode that was made later has no image: the inode's number tells. */
  private isLater(at: ByteString, value: Uint8Array): boolean {
    const { births } = this.state;
    if (readKeyU64(at, 0) >= births) return true;
    return this.table === TABLE.dentries && inodeOfRow(at, value) >= births;
  }

  get size(): number {
    return notOfThePast();
  }

  first(): Entry | undefined {
    return notOfThePast();
  }

  next(): Entry | undefined {
    return notOfThePast();
  }

  put(): void {
    notOfThePast();
  }

  delete(): boolean {
    return notOfThePast();
  }
}

/** Both in order of their keys; under the same key it is what was. */
function* merged(present: Iterable<Entry>, past: Iterable<Was>): Iterable<Was> {
  const [nows, wases] = [present[Symbol.iterator](), past[Symbol.iterator]()];
  let [now, was] = [nextOf(nows), nextOf(wases)];
  while (now !== undefined || was !== undefined) {
    const isOfThePast = was !== undefined && (now === undefined || was[0] <= now[0]);
    const next = (isOfThePast ? was : now) as Was;
    yield next;
    if (now?.[0] === next[0]) now = nextOf(nows);
    if (was?.[0] === next[0]) was = nextOf(wases);
  }
}

function nextOf<T>(iterator: Iterator<T>): T | undefined {
  const result = iterator.next();
  return result.done === true ? undefined : result.value;
}
