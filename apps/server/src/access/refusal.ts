import { Problem } from '../contract/problem';

/** Why credentials prove nobody: for the answer, the metric and the log. Never with a part of the token. */
export const REFUSALS = {
  missing: 'The request carries no token: send it in the header Authorization, as Bearer.',
  scheme: 'The header Authorization must be Bearer and one token.',
  unknown: 'The token is unknown.',
  malformed: 'The token is none that can be read.',
  signature: 'The signature of the token is not that of a key of its issuer.',
  algorithm: 'The token is signed by an algorithm that is not allowed.',
  expired: 'The token has expired.',
  early: 'The token is not valid yet.',
  claims: 'A claim of the token is missing, or not what this group expects.',
  keys: 'The keys of the issuer are not known now.',
  replica: 'The credential is not that of a replica of this group, or it is too old.',
} as const;
export type Reason = keyof typeof REFUSALS;

/** Somebody proved to be nobody. */
export class Unauthenticated extends Problem {
  readonly reason: Reason;

  constructor(reason: Reason) {
    super('unauthenticated', REFUSALS[reason]);
    this.reason = reason;
  }
}
