import {
  createPrivateKey,
  createPublicKey,
  sign,
  verify,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import type { GroupSecret } from '../config/group-secret';
import { textToSign, type Grant, type Sequencer } from './sequencer';

/** Everything of a PKCS #8 document of an Ed25519 key but its 32 bytes. (RFC 8410 §7) */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
const SEED_BYTES = 32;

/** Changing this word changes the key of every group. */
const SEQUENCER_INFO = 'lockstep sequencer';

/**
 * The group's key for sequencers: derived from the group's secret, so every door signs alike, no key has to be moved
 * when the group changes, and a verifier needs one public key. (decision 38; ADR 15)
 */
export class SequencerKey {
  private readonly key: KeyObject;
  private readonly publicKey: KeyObject;

  constructor(secret: GroupSecret) {
    const der = Buffer.concat([PKCS8_HEAD, secret.derive(SEQUENCER_INFO, SEED_BYTES)]);
    this.key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    this.publicKey = createPublicKey(this.key);
  }

  /** The signed form. A signature takes some 60 µs: not for paths on which nobody asked for it. */
  sequencerOf(grant: Grant, generation: number): string {
    const text = textToSign(grant, generation);
    return `${text};${sign(null, Buffer.from(text, 'utf8'), this.key).toString('base64url')}`;
  }

  /** Whether a door of this group signed it; a sequencer without a signature claims nothing that could be false. */
  isGenuine({ signed }: Sequencer): boolean {
    return (
      signed === undefined ||
      verify(null, Buffer.from(signed.text, 'utf8'), this.publicKey, signed.signature)
    );
  }

  /** For verifiers: the same key twice, as a JWK (RFC 8037) and as PEM. */
  published(): { readonly jwk: JsonWebKey; readonly pem: string } {
    return {
      jwk: this.publicKey.export({ format: 'jwk' }),
      pem: this.publicKey.export({ format: 'pem', type: 'spki' }).toString(),
    };
  }
}
