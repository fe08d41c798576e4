const LOOKED_AT_MAX = 64 << 10;
const HEAD_END = Buffer.from('\r\n\r\n');

/**
 * Reads along what the dialler of a WebSocket sends, until it names itself: a replica says its node id in its first packet.
 * Frames of clients are masked (RFC 6455 §5.3), which hides them from nobody.
 */
export class DiallerName {
  readonly #known: () => readonly string[];
  #bytes = Buffer.alloc(0);
  #isDone = false;

  constructor(known: () => readonly string[]) {
    this.#known = known;
  }

  /** The name, once it is known. */
  read(bytes: Buffer): string | undefined {
    if (this.#isDone) return undefined;
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    const said = this.#unmasked();
    const name = this.#known().find((each) => said.includes(each));
    if (name !== undefined || this.#bytes.length > LOOKED_AT_MAX) {
      this.#isDone = true;
      this.#bytes = Buffer.alloc(0);
    }
    return name;
  }

  #unmasked(): Buffer {
    const payloads: Buffer[] = [];
    let at = this.#bytes.indexOf(HEAD_END);
    if (at < 0) return Buffer.alloc(0);
    at += HEAD_END.length;
    while (at + 6 <= this.#bytes.length) {
      const short = (this.#bytes[at + 1] ?? 0) & 0x7f;
      const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
      const maskAt = at + 2 + lengthBytes;
      if (maskAt + 4 > this.#bytes.length) break;
      const length =
        lengthBytes === 0
          ? short
          : this.#bytes.readUIntBE(maskAt - Math.min(6, lengthBytes), Math.min(6, lengthBytes));
      const mask = this.#bytes.subarray(maskAt, maskAt + 4);
      const payload = Buffer.from(this.#bytes.subarray(maskAt + 4, maskAt + 4 + length));
      for (let n = 0; n < payload.length; n += 1)
        payload[n] = (payload[n] ?? 0) ^ (mask[n % 4] ?? 0);
      payloads.push(payload);
      at = maskAt + 4 + length;
    }
    return Buffer.concat(payloads);
  }
}
