import type { ByteString } from './byte-string';
import { keyU32 } from './key';

/**
 * FNV-1a of 64 bits, 8 bytes (Fowler, Noll, Vo). Spreads well and is quick, but anyone can make two inputs that
 * collide: for tests and simulations; a group that serves strangers is given a cryptographic hash by its host.
 */
export function fnvHash(data: Uint8Array): ByteString {
  let high = 0xcbf2_9ce4;
  let low = 0x8422_2325;
  for (let at = 0; at < data.length; at += 1) {
    low = (low ^ (data[at] as number)) >>> 0;
    // Times the prime 2^40 + 0x1b3, in halves of 32 bits.
    const product = low * 0x1b3;
    high = (Math.imul(high, 0x1b3) + Math.floor(product / 0x1_0000_0000) + (low << 8)) >>> 0;
    low = product >>> 0;
  }
  return (keyU32(high) + keyU32(low)) as ByteString;
}
