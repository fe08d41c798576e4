import type { ByteString } from '../encoding/byte-string';
import { Writer } from '../encoding/writer';
import type { HashFunction } from '../state/log-entry';

const CHUNK_BYTES = 1 << 16;

/** A chain of hashes over chunks, cut where the content says, so that only content decides the result. */
export class ContentDigest {
  private readonly hash: HashFunction;
  private writer = new Writer(CHUNK_BYTES);
  private chunkBytes = 0;

  constructor(hash: HashFunction) {
    this.hash = hash;
  }

  table(owner: string, name: string, size: number): void {
    this.writer.text(owner);
    this.writer.text(name);
    this.writer.varint(size);
  }

  entry(key: ByteString, value: Uint8Array): void {
    this.writer.byteString(key);
    this.writer.bytes(value);
    this.chunkBytes += key.length + value.length;
    if (this.chunkBytes >= CHUNK_BYTES) this.cut();
  }

  finish(): ByteString {
    return this.hash(this.writer.finish());
  }

  private cut(): void {
    const sofar = this.hash(this.writer.finish());
    this.writer = new Writer(CHUNK_BYTES);
    this.writer.byteString(sofar);
    this.chunkBytes = 0;
  }
}
