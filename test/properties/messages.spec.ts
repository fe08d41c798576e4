import fc from 'fast-check';
import { decodeMessage, encodeMessage, Malformed, type Message } from '@lockstep/vr-core';
import { add } from '../scenarios/operations';
import { simulatedGroup } from '../scenarios/simulated-group';

/** Messages of every kind, as a group sends them through changes of view, a lost log and reads at a backup. */
function messagesOfAGroup(): Message[] {
  const group = simulatedGroup();
  const ann = group.client('ann');
  for (let round = 0; round < 3; round += 1) {
    const primary = group.primary();
    const backup = (primary + 1) % 3;
    ann.request(add('a'), backup);
    ann.read('a', backup);
    group.run(100);
    group.crash(primary);
    group.runUntil(() => group.view(backup).status === 'normal');
    group.restart(primary, round === 1 ? { log: 'lost' } : {});
    group.settle();
  }
  return group.sent.map(({ message }) => message);
}

describe('messages between replicas', () => {
  const messages = messagesOfAGroup();
  const anyMessage = fc.constantFrom(...messages);

  it('come in most kinds in a short life of a group', () => {
    const kinds = new Set(messages.map((message) => message.kind));
    expect(kinds.size).toBeGreaterThanOrEqual(12);
  });

  it('arrive as they were sent', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        const encoded = encodeMessage(message);
        expect(encodeMessage(decodeMessage(encoded))).toEqual(encoded);
        expect(decodeMessage(encoded).kind).toBe(message.kind);
      }),
    );
  });

  it('are refused when they are cut short', () => {
    fc.assert(
      fc.property(anyMessage, fc.double({ min: 0, max: 0.999, noNaN: true }), (message, part) => {
        const encoded = encodeMessage(message);
        const cut = encoded.subarray(0, Math.floor(encoded.length * part));
        expect(() => decodeMessage(cut)).toThrow(Malformed);
      }),
    );
  });

  it('are refused or read as some message when a byte is another, and never do worse', () => {
    fc.assert(
      fc.property(anyMessage, fc.nat(), fc.integer({ min: 1, max: 255 }), (message, at, flip) => {
        const encoded = Uint8Array.from(encodeMessage(message));
        const place = at % encoded.length;
        encoded[place] = (encoded[place] ?? 0) ^ flip;
        try {
          expect(typeof decodeMessage(encoded).kind).toBe('string');
        } catch (fault) {
          expect(fault).toBeInstanceOf(Malformed);
        }
      }),
      { numRuns: 500 },
    );
  });
});
