import { Unauthenticated } from './refusal';

/** `b64token`. (RFC 6750 §2.1) */
const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i;
/** Longer than a JWT that fits into the headers of a request. */
const TOKEN_LENGTH_MAX = 8_192;

/** The token of a header `Authorization`. Throws `Unauthenticated`. */
export function readBearer(authorization: string | undefined): string {
  if (authorization === undefined) throw new Unauthenticated('missing');
  if (authorization.length > TOKEN_LENGTH_MAX) throw new Unauthenticated('scheme');
  const [, token] = BEARER.exec(authorization) ?? [];
  if (token === undefined) throw new Unauthenticated('scheme');
  return token;
}
