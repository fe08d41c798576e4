import { hash } from 'node:crypto';
import type { ByteString, HashFunction } from '@lockstep/vr-core';

/** 128 bits: nobody forges entries within a group (VRR §2), and accidents need 2^64 of them. */
const HASH_BYTES = 16;

/** SHA-256, cut to 16 bytes; a `binary` digest is the byte string itself. */
export const sha256: HashFunction = (data) =>
  hash('sha256', data, 'binary').slice(0, HASH_BYTES) as ByteString;
