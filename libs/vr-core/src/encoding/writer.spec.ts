import * as fc from 'fast-check';
import { fromByteString, toByteString } from './byte-string';
import { Reader } from './reader';
import { Writer } from './writer';

describe('a writer', () => {
  it('keeps what it writes apart from every other writer, finished or not', () => {
    const outer = new Writer();
    outer.u8(1);
    const inner = new Writer();
    inner.u8(2);
    const first = inner.finish();
    const next = new Writer();
    next.u8(3);
    outer.u8(4);
    expect([...outer.finish()]).toEqual([1, 4]);
    expect([...next.finish()]).toEqual([3]);
    expect([...first]).toEqual([2]);
  });

  it('is empty again when it has finished', () => {
    const writer = new Writer();
    writer.u8(1);
    writer.finish();
    writer.u32(2);
    expect([...writer.finish()]).toEqual([0, 0, 0, 2]);
  });

  it('writes bytes of any length that a reader reads back, as bytes and as a string', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3_000 }), (data) => {
        const writer = new Writer(1);
        writer.bytes(data);
        writer.byteString(toByteString(data));
        const reader = new Reader(writer.finish());
        expect(toByteString(reader.bytes())).toBe(toByteString(data));
        expect(toByteString(fromByteString(reader.byteString()))).toBe(
          data.reduce((text, byte) => text + String.fromCharCode(byte), ''),
        );
        reader.end();
      }),
      { numRuns: 50 },
    );
  });
});
