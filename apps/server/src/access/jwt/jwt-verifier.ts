import { errors, jwtVerify, type JWTPayload } from 'jose';
import type { JwtSettings } from '../../config/settings/auth-settings';
import type { Principal } from '../principal';
import { Unauthenticated, type Reason } from '../refusal';
import type { Rules } from '../rules';
import { sha256Of } from '../tokens/token-hash';
import { describe } from './claims';
import type { KeySet } from './key-set';

/** Signatures by a private key alone: with a shared one, who verifies could issue as well. (RFC 8725 §3.1, §3.2) */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
];
/** Tokens that were verified before: a signature takes some 100 µs. */
const VERIFIED_MAX = 10_000;

/** Tokens of an issuer that the configuration names. (RFC 7519, RFC 8725) */
export class JwtVerifier {
  private readonly settings: JwtSettings;
  private readonly keys: KeySet;
  private readonly rules: Rules;
  private readonly verified = new Map<string, Principal>();
  private generation = 0;

  constructor(settings: JwtSettings, keys: KeySet, rules: Rules) {
    this.settings = settings;
    this.keys = keys;
    this.rules = rules;
  }

  /** Three parts, as a JWS has in its compact form. (RFC 7515 §3.1) */
  static looksLikeOne(token: string): boolean {
    return token.split('.').length === 3;
  }

  /** Somebody whose token was verified a while ago, without any work. */
  known(token: string): Principal | undefined {
    if (this.generation !== this.keys.generation) {
      this.verified.clear();
      this.generation = this.keys.generation;
    }
    return this.verified.get(hashOf(token));
  }

  /** Rejects with `Unauthenticated`. */
  async verify(token: string): Promise<Principal> {
    const { claims } = this.settings;
    const principal = this.rules.principal(describe(await this.payloadOf(token), claims));
    if (this.verified.size >= VERIFIED_MAX) this.verified.clear();
    this.verified.set(hashOf(token), principal);
    return principal;
  }

  private async payloadOf(token: string): Promise<JWTPayload> {
    const keys = await this.keys.current();
    if (keys === undefined) throw new Unauthenticated('keys');
    try {
      return await this.verifyBy(token, keys);
    } catch (fault) {
      if (!(fault instanceof errors.JWKSNoMatchingKey)) throw refusalOf(fault);
      return this.verifyByRenewed(token);
    }
  }

  /** Issuers change their keys: one that is not known may be new. */
  private async verifyByRenewed(token: string): Promise<JWTPayload> {
    const keys = await this.keys.renewed();
    if (keys === undefined) throw new Unauthenticated('signature');
    try {
      return await this.verifyBy(token, keys);
    } catch (fault) {
      throw refusalOf(fault);
    }
  }

  private async verifyBy(
    token: string,
    keys: Parameters<typeof jwtVerify>[1],
  ): Promise<JWTPayload> {
    const { issuer, audience, clockSkewS, claims } = this.settings;
    const { payload } = await jwtVerify(token, keys as never, {
      algorithms: ALGORITHMS,
      issuer,
      audience,
      clockTolerance: clockSkewS,
      requiredClaims: ['exp', claims.principal],
    });
    return payload;
  }
}

const hashOf = (token: string): string => sha256Of(token).toString('latin1');

function refusalOf(fault: unknown): Unauthenticated {
  return new Unauthenticated(reasonOf(fault));
}

function reasonOf(fault: unknown): Reason {
  if (fault instanceof errors.JWTExpired) return 'expired';
  if (fault instanceof errors.JWTClaimValidationFailed)
    return fault.claim === 'nbf' ? 'early' : 'claims';
  if (fault instanceof errors.JOSEAlgNotAllowed || fault instanceof errors.JOSENotSupported)
    return 'algorithm';
  if (fault instanceof errors.JWTInvalid || fault instanceof errors.JWSInvalid) return 'malformed';
  return 'signature';
}
