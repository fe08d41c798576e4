import type { ByteString } from './byte-string';
import { keyU32 } from './key';

/**
 * FNV-1a of 64 bits, 8 bytes (Fowler, Noll, Vo). Spreads well and is quick, but anyone can make two inputs that
 * collide: for tests and simulations; a group that serves strangers is given a cryptographic hash by its host.
 */
export function fnvHash(data: Uint8Array): ByteString {
  // Four limbs of 16 bits, the lowest first: every product is a small integer, and nothing is called.
  let a = 0x2325;
  let b = 0x8422;
  let c = 0x9ce4;
  let d = 0xcbf2;
  for (let at = 0; at < data.length; at += 1) {
    a ^= data[at] as number;
    // Times the prime 2^40 + 0x1b3.
    const low = a * 0x1b3;
    const second = b * 0x1b3 + (low >>> 16);
    const third = c * 0x1b3 + (second >>> 16) + ((a << 8) & 0xffff);
    d = (d * 0x1b3 + (third >>> 16) + (b << 8) + (a >>> 8)) & 0xffff;
    c = third & 0xffff;
    b = second & 0xffff;
    a = low & 0xffff;
  }
  return (keyU32(d * 0x1_0000 + c) + keyU32(b * 0x1_0000 + a)) as ByteString;
}
