import { crc32 } from 'node:zlib';

/**
 * Many messages as one binary frame: every frame costs both ends more than the messages in it.
 *
 *     u32 checksum of all that follows (CRC-32) · u32 count · count × (u32 length · message)
 */
export const FRAME_BYTES_MAX = 8 << 20;
/** Frames are filled up to here; one message alone may be larger. */
const FRAME_BYTES_WANTED = 4 << 20;

const HEADER_BYTES = 8;
const LENGTH_BYTES = 4;

export function encodeFrame(messages: readonly Uint8Array[]): Buffer {
  let size = HEADER_BYTES;
  for (const message of messages) size += LENGTH_BYTES + message.length;
  const frame = Buffer.allocUnsafe(size);
  frame.writeUInt32BE(messages.length, 4);
  let at = HEADER_BYTES;
  for (const message of messages) {
    frame.writeUInt32BE(message.length, at);
    frame.set(message, at + LENGTH_BYTES);
    at += LENGTH_BYTES + message.length;
  }
  frame.writeUInt32BE(crc32(frame.subarray(4)), 0);
  return frame;
}

/** The messages, as views into the frame; undefined when its checksum or its lengths are wrong. */
export function decodeFrame(frame: Buffer): Uint8Array[] | undefined {
  if (frame.length < HEADER_BYTES) return undefined;
  if (crc32(frame.subarray(4)) !== frame.readUInt32BE(0)) return undefined;
  const count = frame.readUInt32BE(4);
  const messages: Uint8Array[] = [];
  let at = HEADER_BYTES;
  for (let read = 0; read < count; read += 1) {
    if (at + LENGTH_BYTES > frame.length) return undefined;
    const end = at + LENGTH_BYTES + frame.readUInt32BE(at);
    if (end > frame.length) return undefined;
    messages.push(frame.subarray(at + LENGTH_BYTES, end));
    at = end;
  }
  return at === frame.length ? messages : undefined;
}

/** Consecutive messages in as few frames as their sizes allow. */
export function inFrames(messages: readonly Uint8Array[]): Uint8Array[][] {
  const frames: Uint8Array[][] = [];
  let current: Uint8Array[] = [];
  let bytes = 0;
  for (const message of messages) {
    if (current.length > 0 && bytes + message.length > FRAME_BYTES_WANTED) {
      frames.push(current);
      current = [];
      bytes = 0;
    }
    current.push(message);
    bytes += LENGTH_BYTES + message.length;
  }
  if (current.length > 0) frames.push(current);
  return frames;
}
