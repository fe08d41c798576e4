import { crc32 } from 'node:zlib';
import { CutBackup, DamagedBackup } from './damaged-backup';

/** What a backup begins with. The number is that of the frames; what is in them says its own. */
export const MAGIC = Buffer.from('lockstep backup 1\n');

/** What a frame carries. */
export const FRAME = { header: 1, pages: 2, entries: 3, end: 4, failed: 5 } as const;

export interface Frame {
  readonly kind: number;
  readonly body: Buffer;
  /** As it stands in the file. */
  readonly encoded: Buffer;
}

const LENGTH_BYTES = 4;
const HEAD_BYTES = LENGTH_BYTES + 1;
const CHECKSUM_BYTES = 4;
/** None is larger: a damaged length asks for no memory. */
const BODY_BYTES_MAX = 64 << 20;

/** Length of the body, kind, body, and CRC-32 of all that. */
export function encodeFrame(kind: number, body: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(HEAD_BYTES + body.length + CHECKSUM_BYTES);
  frame.writeUInt32BE(body.length, 0);
  frame.writeUInt8(kind, LENGTH_BYTES);
  frame.set(body, HEAD_BYTES);
  const end = HEAD_BYTES + body.length;
  frame.writeUInt32BE(crc32(frame.subarray(0, end)), end);
  return frame;
}

/** Cuts bytes into frames, and checks each. Throws `DamagedBackup`; `CutBackup` when the bytes end inside one. */
export async function* readFrames(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Frame> {
  const bytes = new Gathering(chunks);
  const magic = await bytes.take(MAGIC.length);
  if (magic === undefined || !magic.equals(MAGIC))
    throw new DamagedBackup('this is no backup of Lockstep, or one of another version');
  for (;;) {
    const head = await bytes.take(HEAD_BYTES);
    if (head === undefined) return;
    const length = head.readUInt32BE(0);
    if (length > BODY_BYTES_MAX) throw damaged(bytes.at);
    const rest = await bytes.take(length + CHECKSUM_BYTES);
    if (rest === undefined) throw new CutBackup(`it is cut off after byte ${bytes.at}`, 0);
    const encoded = Buffer.concat([head, rest]);
    const end = HEAD_BYTES + length;
    if (crc32(encoded.subarray(0, end)) !== encoded.readUInt32BE(end)) throw damaged(bytes.at);
    const kind = head.readUInt8(LENGTH_BYTES);
    yield { kind, body: encoded.subarray(HEAD_BYTES, end), encoded };
  }
}

const damaged = (at: number): DamagedBackup =>
  new DamagedBackup(`it has been changed before byte ${at}: a checksum is wrong`);

/** Chunks of any size as pieces of the size that is asked for. */
class Gathering {
  /** Taken so far. */
  at = 0;
  private readonly chunks: AsyncIterator<Uint8Array>;
  private pieces: Uint8Array[] = [];
  private held = 0;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.chunks = chunks[Symbol.asyncIterator]();
  }

  /** Undefined when nothing follows. Throws `CutBackup` when less than that follows. */
  async take(length: number): Promise<Buffer | undefined> {
    while (this.held < length) {
      const next = await this.chunks.next();
      if (next.done === true) break;
      this.pieces.push(next.value);
      this.held += next.value.length;
    }
    if (this.held === 0 && length > 0) return undefined;
    if (this.held < length)
      throw new CutBackup(`it is cut off after byte ${this.at + this.held}`, 0);
    const [first] = this.pieces;
    const bytes =
      first !== undefined && this.pieces.length === 1
        ? Buffer.from(first.buffer, first.byteOffset, first.length)
        : Buffer.concat(this.pieces);
    this.pieces = [bytes.subarray(length)];
    this.held -= length;
    this.at += length;
    return bytes.subarray(0, length);
  }
}
