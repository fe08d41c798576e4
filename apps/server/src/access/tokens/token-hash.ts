import { createHash } from 'node:crypto';

/** What is kept of a token: who reads the configuration has no token. Tokens are random and long, so no salt is needed. */
export const sha256Of = (token: string): Buffer =>
  createHash('sha256').update(token, 'utf8').digest();
