import { fromByteString, toHex, type ByteString } from './byte-string';
import { fnvHash } from './fnv-hash';

describe('FNV-1a of 64 bits', () => {
  it.each([
    ['', 'cbf29ce484222325'],
    ['a', 'af63dc4c8601ec8c'],
    ['foobar', '85944171f73967e8'],
  ])('of "%s" is the published value', (text, hash) => {
    expect(toHex(fnvHash(fromByteString(text as ByteString)))).toBe(hash);
  });
});
