import { malformed } from './problem';

/** Locks whose names begin so belong to the API: plain operations on locks do not touch them. */
export const RESERVED_MARK = '@';
const ELECTION_MARK = `${RESERVED_MARK}election:`;

/** An election is a lock: to lead is to hold it, its note is the proclamation. */
export function lockOfElection(election: unknown): string {
  if (typeof election !== 'string') throw malformed('election', 'must be a string');
  if (election === '') throw malformed('election', 'must not be empty');
  return ELECTION_MARK + election;
}

/** The election behind a lock, if it is one. */
export const electionOf = (lock: string): string | undefined =>
  lock.startsWith(ELECTION_MARK) ? lock.slice(ELECTION_MARK.length) : undefined;

/** `{lock}` or `{election}`: what an answer is about, as the API calls it. */
export function subjectOf(lock: string): { lock: string } | { election: string } {
  const election = electionOf(lock);
  return election === undefined ? { lock } : { election };
}
