import { createHash, type Hash } from 'node:crypto';
import {
  decodeEntry,
  GENESIS,
  isWholeCheckpoint,
  Malformed,
  nextOp,
  Reader,
  type LogEntry,
  type LogPlace,
  type StoredPage,
} from '@lockstep/vr-core';
import { sha256 } from '../replica-host/hash';
import { decodeHeader, type BackupHeader } from './backup-header';
import { CutBackup, DamagedBackup } from './damaged-backup';
import { FRAME, MAGIC, readFrames, type Frame } from './frames';

/** What is found in a backup, in order; each part ends with `end`. */
export type BackupItem =
  | { readonly kind: 'header'; readonly header: BackupHeader; readonly part: number }
  | { readonly kind: 'pages'; readonly pages: readonly StoredPage[] }
  /** Each continues the one before, by its hash. */
  | { readonly kind: 'entries'; readonly entries: readonly LogEntry[] }
  /** The part is whole, and so is everything up to `bytes` of the file. */
  | { readonly kind: 'end'; readonly through: LogPlace; readonly bytes: number };

/** The replica that gave the backup could not give all of it. */
export class BackupFailed extends DamagedBackup {
  override readonly name = 'BackupFailed';
}

/**
 * Reads a backup, of one part or of several, and believes nothing: every frame has a checksum, every part a digest, every
 * entry the hash of the one before. Throws `DamagedBackup`, or `CutBackup` when it ends too early. What has been given out
 * before is right, but not the whole.
 */
export async function* readBackup(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<BackupItem> {
  const reading = new Reading();
  try {
    for await (const frame of readFrames(chunks)) yield reading.take(frame);
  } catch (fault) {
    if (fault instanceof Malformed)
      throw new DamagedBackup(`its content is wrong: ${fault.message}`);
    if (fault instanceof CutBackup) throw new CutBackup(fault.message, reading.wholeBytes);
    throw fault;
  }
  if (!reading.isWhole) throw new CutBackup(reading.lack, reading.wholeBytes);
}

class Reading {
  /** Up to the end of the last whole part. */
  wholeBytes = 0;
  private bytes = MAGIC.length;
  private parts = 0;
  private header: BackupHeader | undefined;
  /** Of the part that is being read; undefined between parts. */
  private sha: Hash | undefined;
  private frames = 0;
  private head: LogPlace | undefined;

  get isWhole(): boolean {
    return this.parts > 0 && this.sha === undefined;
  }

  get lack(): string {
    if (this.parts === 0) return 'it is cut off: there is nothing in it';
    return `it is cut off in its part ${this.parts}: the end is missing`;
  }

  take(frame: Frame): BackupItem {
    const item = this.read(frame);
    this.bytes += frame.encoded.length;
    if (frame.kind === FRAME.end) {
      this.wholeBytes = this.bytes;
      return { ...item, bytes: this.bytes } as BackupItem;
    }
    this.sha?.update(frame.encoded);
    this.frames += 1;
    return item;
  }

  private read({ kind, body }: Frame): BackupItem {
    if (kind === FRAME.header) return this.begin(decodeHeader(body));
    if (this.sha === undefined || this.header === undefined)
      throw new DamagedBackup('something stands outside its parts');
    switch (kind) {
      case FRAME.pages:
        if (this.parts > 1 || this.head?.opNumber !== this.header.after.opNumber)
          throw new DamagedBackup('there is state in the wrong place');
        return { kind: 'pages', pages: readPages(body) };
      case FRAME.entries:
        return { kind: 'entries', entries: this.readEntries(body) };
      case FRAME.end:
        return this.end(body, this.sha, this.header);
      case FRAME.failed:
        throw new BackupFailed(`the replica could not go on: ${body.toString('utf8')}`);
      default:
        throw new DamagedBackup(`it has a piece of an unknown kind: ${kind}`);
    }
  }

  private begin(header: BackupHeader): BackupItem {
    if (this.sha !== undefined) throw new DamagedBackup(`part ${this.parts} has no end`);
    if (this.header === undefined) expectFirst(header);
    else expectContinues(this.header, header, this.head);
    this.parts += 1;
    this.header = header;
    this.head = header.after;
    this.sha = createHash('sha256');
    this.frames = 0;
    return { kind: 'header', header, part: this.parts };
  }

  private readEntries(body: Buffer): readonly LogEntry[] {
    const reader = new Reader(body);
    const entries: LogEntry[] = [];
    for (let left = reader.varint(); left > 0; left -= 1) {
      // A copy: the entry may be kept for longer than the piece it came in.
      const entry = decodeEntry(reader.bytes().slice(), sha256);
      const { head } = this;
      if (
        head === undefined ||
        entry.opNumber !== nextOp(head.opNumber) ||
        entry.parentHash !== head.hash
      )
        throw new DamagedBackup(`op ${entry.opNumber} does not continue op ${head?.opNumber ?? 0}`);
      this.head = entry;
      entries.push(entry);
    }
    reader.end();
    return entries;
  }

  private end(body: Buffer, sha: Hash, { through }: BackupHeader): BackupItem {
    const said = JSON.parse(body.toString('utf8')) as { sha256?: unknown; frames?: unknown };
    if (said.sha256 !== sha.digest('hex') || said.frames !== this.frames)
      throw new DamagedBackup(`part ${this.parts} is not what was written: its digest differs`);
    if (this.head?.opNumber !== through.opNumber || this.head.hash !== through.hash)
      throw new DamagedBackup(`part ${this.parts} does not end with op ${through.opNumber}`);
    this.sha = undefined;
    return { kind: 'end', through, bytes: 0 };
  }
}

function expectFirst({ checkpoint, after }: BackupHeader): void {
  const begins = checkpoint ?? { opNumber: GENESIS.opNumber, headHash: GENESIS.hash };
  const isWhole = checkpoint === undefined || isWholeCheckpoint(checkpoint, sha256);
  if (!isWhole || after.opNumber !== begins.opNumber || after.hash !== begins.headHash)
    throw new DamagedBackup('its first part does not begin with a state');
}

function expectContinues(
  before: BackupHeader,
  next: BackupHeader,
  head: LogPlace | undefined,
): void {
  if (next.groupId !== before.groupId || next.generation !== before.generation)
    throw new DamagedBackup('its parts are of different groups');
  if (next.services.join() !== before.services.join())
    throw new DamagedBackup('its parts are of different versions of the services');
  if (next.after.opNumber !== head?.opNumber || next.after.hash !== head.hash)
    throw new DamagedBackup(`a part does not continue op ${head?.opNumber ?? 0}`);
}

function readPages(body: Buffer): readonly StoredPage[] {
  const reader = new Reader(body);
  const pages: StoredPage[] = [];
  for (let left = reader.varint(); left > 0; left -= 1)
    pages.push({ table: reader.text(), page: reader.varint(), bytes: reader.bytes() });
  reader.end();
  return pages;
}
