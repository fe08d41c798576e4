import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { inspect } from 'node:util';

export const SECRET_BYTES = 32;

/** The group's shared secret (decision 33). It signs and verifies; no log, JSON or message can show it. */
export class GroupSecret {
  readonly #bytes: Buffer;

  constructor(bytes: Uint8Array) {
    if (bytes.length !== SECRET_BYTES)
      throw new RangeError(`a group secret has ${SECRET_BYTES} bytes`);
    this.#bytes = Buffer.from(bytes);
  }

  /** HMAC-SHA256 over a label and data. The label separates the uses of the one secret (RFC 2104, RFC 5869 §3.2). */
  sign(label: string, data: Uint8Array): Buffer {
    return createHmac('sha256', this.#bytes).update(`${label}\0`).update(data).digest();
  }

  verify(label: string, data: Uint8Array, signature: Uint8Array): boolean {
    const wanted = this.sign(label, data);
    return signature.length === wanted.length && timingSafeEqual(signature, wanted);
  }

  /** A key of its own for one use, from which nobody finds the secret. (RFC 5869) */
  derive(info: string, bytes: number): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#bytes, '', info, bytes));
  }

  toJSON(): string {
    return '[secret]';
  }

  toString(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}
