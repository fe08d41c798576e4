import { createPublicKey } from 'node:crypto';
import { verifySequencer } from '@lockstep/client';
import { GroupSecret, SECRET_BYTES } from '../config/group-secret';
import { KNOWN_KEY } from './fixed-moment';
import { parseSequencer, plainSequencer } from './sequencer';
import { SequencerKey } from './sequencer-key';

const GRANT = { lock: 'a;shared;7', mode: 'exclusive', fence: 2n ** 44n + 5n, grantedMs: 1234 };

describe('a sequencer', () => {
  const signed = KNOWN_KEY.sequencerOf(GRANT, 3);
  const { jwk, pem } = KNOWN_KEY.published();

  it('is read as it was written, whatever is in the name of the lock', () => {
    const { lock, mode, fence } = GRANT;
    const plain = parseSequencer(plainSequencer(GRANT), 'sequencer');
    expect(plain).toEqual({ lock, mode, fence, signed: undefined });
    expect(parseSequencer(signed, 'sequencer')).toMatchObject({ lock, mode, fence });
  });

  it('is the same at every door of the group, and at none of another', () => {
    const same = new SequencerKey(new GroupSecret(new Uint8Array(SECRET_BYTES)));
    expect(same.sequencerOf(GRANT, 3)).toBe(signed);
    const other = new SequencerKey(new GroupSecret(new Uint8Array(SECRET_BYTES).fill(1)));
    expect(other.isGenuine(parseSequencer(signed, 'sequencer'))).toBe(false);
    expect(KNOWN_KEY.isGenuine(parseSequencer(signed, 'sequencer'))).toBe(true);
  });

  it('is verified by clients without asking, with the published key in either form', () => {
    const told = { lock: GRANT.lock, mode: GRANT.mode, fence: GRANT.fence };
    const full = { ...told, generation: 3, grantedMs: 1234 };
    expect(verifySequencer(signed, pem)).toEqual(full);
    expect(verifySequencer(signed, jwk)).toEqual(full);
    expect(verifySequencer(signed, createPublicKey(pem))).toEqual(full);
  });

  it.each([
    ['another fence', signed.replace(`${GRANT.fence}`, `${GRANT.fence + 1n}`)],
    ['another lock', signed.replace('a;', 'b;')],
    ['another generation', signed.replace(';3;1234;', ';4;1234;')],
    ['no signature', plainSequencer(GRANT)],
    ['nothing', ''],
  ])('is not believed with %s', (_, text) => {
    expect(verifySequencer(text, pem)).toBeUndefined();
  });
});
