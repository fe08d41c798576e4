import { anywhere, everywhere, onLock, type Need } from '../access/need';
import type { Role } from '../access/role';
import { electionOf, RESERVED_MARK } from './election-name';
import { textOf, type JsonObject } from './json';
import { parseSequencer } from './sequencer';

type NeedsOf = (asked: JsonObject) => readonly Need[];

/** Of an operation: an election has the rules of its own name. */
const named = (role: Role, { lock, election, latch, barrier }: JsonObject): Need =>
  onLock(role, election ?? lock ?? latch ?? barrier);

const client: NeedsOf = (op) => [named('client', op)];
const admin: NeedsOf = (op) => [named('admin', op)];
/** What was asked for under that name the service finds itself, with the session that must be the asker's. */
const own: NeedsOf = () => [anywhere('client')];

/** What each operation takes; one that is not here takes everything. */
export const LOCK_OPERATION_NEEDS: Readonly<Record<string, NeedsOf>> = {
  acquire: ({ locks, ...op }) =>
    locks === undefined
      ? client(op)
      : (locks as readonly JsonObject[]).map(({ name }) => onLock('client', name)),
  release: client,
  cancel: own,
  claim: own,
  convert: client,
  amend: client,
  'set-value': client,
  break: admin,
  /** By its holder alone, whom the service knows. */
  transfer: client,
  'set-limit': admin,
  campaign: client,
  proclaim: client,
  resign: client,
  'set-latch': client,
  'count-down': client,
  'remove-latch': client,
  enter: client,
  leave: client,
};

const reader: NeedsOf = (query) => [named('reader', query)];

/** What each query takes, beside being the owner of the session or the request that it names. */
export const LOCK_QUERY_NEEDS: Readonly<Record<string, NeedsOf>> = {
  lock: ({ lock }) => [readerOfLock(textOf(lock))],
  locks: ({ prefix }) => [readerOfLocks(textOf(prefix ?? ''))],
  request: () => [anywhere('reader')],
  check: ({ sequencers }) =>
    (sequencers as readonly unknown[]).map((text, at) =>
      readerOfLock(parseSequencer(text, `sequencers.${at}`).lock),
    ),
  session: () => [anywhere('reader')],
  graph: () => [readerOfLocks('')],
  election: reader,
  latch: reader,
  barrier: reader,
};

export const needsOfLockOperation = (op: JsonObject): readonly Need[] =>
  found(LOCK_OPERATION_NEEDS, op)(op);

export const needsOfLockQuery = (query: JsonObject): readonly Need[] =>
  found(LOCK_QUERY_NEEDS, query)(query);

function found(needs: Readonly<Record<string, NeedsOf>>, { kind }: JsonObject): NeedsOf {
  const name = textOf(kind);
  return (Object.hasOwn(needs, name) ? needs[name] : undefined) ?? (() => [everywhere('admin')]);
}

/** To look at one lock, which may be that of an election. */
const readerOfLock = (name: string): Need => onLock('reader', electionOf(name) ?? name);

/** To look at all whose names begin so: those that the API keeps for itself belong to every prefix. */
export function readerOfLocks(prefix: string): Need {
  const election = electionOf(prefix);
  if (election !== undefined) return onLock('reader', election);
  return onLock('reader', prefix.startsWith(RESERVED_MARK) ? '' : prefix);
}
