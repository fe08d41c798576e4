import fc from 'fast-check';
import { Decoder, Encoder } from 'socket.io-msgpack-parser';
import { checkedParser } from './checked-parser';
import { checkMsgpack } from './msgpack-shape';

const packed = (value: unknown): Uint8Array => {
  const [bytes] = new Encoder().encode(value) as unknown as Uint8Array[];
  return bytes ?? new Uint8Array();
};

const event = (...data: readonly unknown[]): Uint8Array =>
  packed({ type: 2, nsp: '/client', data });

/** What a decoder delivers. */
function decoded(bytes: Uint8Array): unknown[] {
  const packets: unknown[] = [];
  const decoder = new checkedParser.Decoder();
  decoder.on('decoded', (packet: unknown) => packets.push(packet));
  decoder.add(bytes);
  return packets;
}

describe('a packet of a stranger', () => {
  it('is delivered when it is whole, whatever is in it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        fc.pre(!JSON.stringify(value).includes('__proto__'));
        expect(decoded(event('requests', value))).toHaveLength(1);
      }),
    );
  });

  it('is refused or delivered when a byte is another, and never costs more than it has bytes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(), fc.nat(255), (value, at, byte) => {
        const bytes = Buffer.from(event('requests', value));
        bytes[at % bytes.length] = byte;
        try {
          decoded(bytes);
        } catch (fault) {
          expect(fault).toBeInstanceOf(Error);
        }
      }),
    );
  });

  it.each([
    ['an array that says it has four thousand million elements', 'ddffffffff'],
    ['arrays that say so within each other', 'dd01ffffff'.repeat(60)],
    ['a map that is longer than the packet', 'df00100000'],
    ['an extension of four gigabytes', 'c9fffffff000'],
    ['a text that is cut short', 'dbffffffff61'],
    ['half a number', 'cb00'],
    ['nothing', ''],
    ['a first byte that means nothing', 'c1'],
    ['bytes after the value', '0101'],
    ['a key that sets a prototype', '81a95f5f70726f746f5f5f80'],
  ])('is refused before it is decoded: %s', (_, hex) => {
    expect(() => {
      checkMsgpack(Buffer.from(hex, 'hex'));
    }).toThrow(Error);
  });

  it('may have __proto__ as a text, which sets nothing', () => {
    checkMsgpack(packed({ name: '__proto__' }));
  });

  it('is refused with more values than any frame of ours has', () => {
    expect(() => {
      checkMsgpack(Buffer.concat([Buffer.from('dd00200000', 'hex'), Buffer.alloc(1 << 21, 0x80)]));
    }).toThrow('too many values');
  });

  it.each([
    [{ toString: 1, valueOf: 1 }],
    [7],
    [null],
    [[]],
    ['error'],
    ['disconnect'],
    ['connect'],
  ])('is refused as the event %j', (name) => {
    expect(() => decoded(event(name, 1))).toThrow('no event of ours');
  });

  it('is read as by the parser that everybody has', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        fc.pre(!JSON.stringify(value).includes('__proto__'));
        const bytes = event('requests', value);
        const theirs: unknown[] = [];
        const decoder = new Decoder();
        decoder.on('decoded', (packet: unknown) => theirs.push(packet));
        decoder.add(bytes);
        expect(decoded(bytes)).toEqual(theirs);
      }),
    );
  });
});
