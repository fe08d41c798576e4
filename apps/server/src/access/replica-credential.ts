import { randomBytes } from 'node:crypto';
import type { GroupSecret } from '../config/group-secret';
import type { Principal } from './principal';
import { Unauthenticated } from './refusal';

const SCHEME = 'Lockstep-Replica';
const LABEL = 'rest-replica';
const PARTS = /^Lockstep-Replica ([A-Za-z0-9_-]{1,2000})\.([A-Za-z0-9_-]{43})$/;
/** By how much the clocks of replicas may differ, and how long a credential can be shown. */
const VALID_MS = 60_000;
const SEEN_MAX = 10_000;

/** What is signed: one request, by one replica, on behalf of whom its door has let in. */
interface Claim {
  readonly node: string;
  readonly method: string;
  readonly path: string;
  /** Of the wall clock. */
  readonly atMs: number;
  readonly nonce: string;
  readonly principal?: string;
}

/** For a request of one replica at the REST door of another: the header `Authorization`. */
export function replicaCredential(
  secret: GroupSecret,
  request: Pick<Claim, 'node' | 'method' | 'path' | 'principal'>,
): string {
  const nonce = randomBytes(16).toString('base64url');
  const claim: Claim = { ...request, atMs: Date.now(), nonce };
  const text = Buffer.from(JSON.stringify(claim), 'utf8');
  const signature = secret.sign(LABEL, text).toString('base64url');
  return `${SCHEME} ${text.toString('base64url')}.${signature}`;
}

/** Replicas of the own group, known by the secret that they share. */
export class ReplicaCredentials {
  private readonly secret: GroupSecret;
  private readonly seen = new Map<string, number>();

  constructor(secret: GroupSecret) {
    this.secret = secret;
  }

  static looksLikeOne(authorization: string): boolean {
    return authorization.startsWith(`${SCHEME} `);
  }

  /** A replica may all, for whom it asks: it has looked at what he may. Throws `Unauthenticated`. */
  principalOf(
    authorization: string,
    method: string | undefined,
    path: string | undefined,
  ): Principal {
    const claim = this.claimIn(authorization);
    if (claim.method !== method || claim.path !== path) throw new Unauthenticated('replica');
    this.expectFresh(claim);
    return {
      name: claim.principal ?? `replica:${claim.node}`,
      grants: [{ role: 'admin', on: undefined }],
      caller: undefined,
      expiresAtMs: undefined,
    };
  }

  private claimIn(authorization: string): Claim {
    const [, text = '', signature = ''] = PARTS.exec(authorization) ?? [];
    const bytes = Buffer.from(text, 'base64url');
    if (!this.secret.verify(LABEL, bytes, Buffer.from(signature, 'base64url')))
      throw new Unauthenticated('replica');
    return JSON.parse(bytes.toString('utf8')) as Claim;
  }

  /** Once each, and not long after it was made. */
  private expectFresh({ atMs, nonce }: Claim): void {
    const now = Date.now();
    for (const [each, seenAtMs] of this.seen) {
      if (now - seenAtMs < 2 * VALID_MS && this.seen.size < SEEN_MAX) break;
      this.seen.delete(each);
    }
    if (Math.abs(now - atMs) > VALID_MS || this.seen.has(nonce))
      throw new Unauthenticated('replica');
    this.seen.set(nonce, now);
  }
}
