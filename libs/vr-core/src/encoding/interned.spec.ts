import * as fc from 'fast-check';
import { fromByteString, toByteString } from './byte-string';
import { interned } from './interned';
import { key, keyAfter12, keyU64 } from './key';

describe('a repeated string', () => {
  it('is what its bytes say, whatever was read before', () => {
    // Few letters and many strings: slots are met by others, and by equal ones again.
    const word = fc.array(fc.integer({ min: 0x61, max: 0x64 }), { maxLength: 70 });
    fc.assert(
      fc.property(fc.array(word, { maxLength: 50 }), (words) => {
        for (const letters of [...words, ...words]) {
          const data = Uint8Array.from([1, ...letters, 2]);
          expect(interned(data, 1, data.length - 1)).toBe(toByteString(Uint8Array.from(letters)));
        }
      }),
    );
  });
});

describe('a key after a prefix of 12 bytes', () => {
  it('is the prefix and the number, joined', () => {
    const prefix = fc.uint8Array({ minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(prefix, fc.maxSafeNat(), (bytes, number) => {
        const start = toByteString(bytes);
        expect(fromByteString(keyAfter12(start, number))).toEqual(
          fromByteString(key(start, keyU64(number))),
        );
      }),
    );
  });
});
