import { Problem } from '../contract/problem';
import { Attempts } from './attempts';
import type { Authenticator, Credentials } from './authenticator';
import { readBearer } from './bearer';
import { JwtVerifier } from './jwt/jwt-verifier';
import { hasExpired, type Principal } from './principal';
import { Unauthenticated, type Reason } from './refusal';
import { ReplicaCredentials } from './replica-credential';
import type { StaticTokens } from './tokens/static-tokens';

interface Parts {
  readonly tokens: StaticTokens;
  readonly jwt: JwtVerifier | undefined;
  readonly replicas: ReplicaCredentials;
  /** Told of every failure, never of the token. */
  readonly onRefused: (reason: Reason, from: string) => void;
}

/** Bearer tokens of the configuration and of an issuer, and the other replicas of the group. (RFC 6750) */
export class TokenAuthenticator implements Authenticator {
  private readonly parts: Parts;
  private readonly attempts = new Attempts();

  constructor(parts: Parts) {
    this.parts = parts;
  }

  async authenticate(credentials: Credentials): Promise<Principal> {
    const { from } = credentials;
    try {
      return await this.principalOf(credentials);
    } catch (fault) {
      if (!(fault instanceof Unauthenticated)) throw fault;
      this.parts.onRefused(fault.reason, from);
      const waitMs = this.attempts.waitMs(from);
      // To have none is no attempt: browsers and probes ask so, to be told what it takes.
      if (fault.reason === 'missing') throw fault;
      if (waitMs > 0) throw tooMany(waitMs);
      this.attempts.failed(from);
      throw fault;
    }
  }

  private async principalOf(credentials: Credentials): Promise<Principal> {
    const { authorization, method, path, from } = credentials;
    const { tokens, jwt, replicas } = this.parts;
    if (authorization !== undefined && ReplicaCredentials.looksLikeOne(authorization))
      return replicas.principalOf(authorization, method, path);
    const token = readBearer(authorization);
    const known = tokens.find(token) ?? jwt?.known(token);
    if (known !== undefined) return current(known);
    if (jwt === undefined || !JwtVerifier.looksLikeOne(token)) throw new Unauthenticated('unknown');
    // Who has failed too often gets no more signatures verified, which are work.
    if (this.attempts.waitMs(from) > 0) throw new Unauthenticated('unknown');
    return current(await jwt.verify(token));
  }
}

function current(principal: Principal): Principal {
  if (hasExpired(principal)) throw new Unauthenticated('expired');
  return principal;
}

const tooMany = (waitMs: number): Problem =>
  new Problem('too-many-attempts', 'Too many wrong tokens came from this address.', {
    retryAfterMs: waitMs,
  });
