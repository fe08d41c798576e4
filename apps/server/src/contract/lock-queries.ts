import { encodeLockQuery } from '@lockstep/state-machines';
import { lockOfElection } from './election-name';
import { checkFields, encodeChecked } from './fields';
import { textOf, type JsonObject } from './json';
import { malformed } from './problem';
import { parseSequencer } from './sequencer';

export const LIST_LIMIT = 100;
/** To verify a signature takes some 200 µs, and nothing else is done meanwhile. */
const SIGNED_MAX = 100;

interface Form {
  readonly fields: ReadonlySet<string>;
  /** Typed only by hope: the encoding checks it. */
  read(query: JsonObject): object;
}

const form = (fields: readonly string[], read: Form['read'] = (query) => query): Form => ({
  fields: new Set(['kind', ...fields]),
  read,
});

/** What clients may ask, with the fields that each takes. */
const FORMS: Readonly<Record<string, Form>> = {
  lock: form(['lock'], ({ lock }) => ({ kind: 'lock', name: lock })),
  locks: form(['prefix', 'state', 'after', 'limit'], (query) => ({
    kind: 'locks',
    prefix: query['prefix'] ?? '',
    state: query['state'] ?? 'any',
    after: query['after'],
    limit: query['limit'] ?? LIST_LIMIT,
  })),
  request: form(['request']),
  check: form(['sequencers'], ({ sequencers }) => ({
    kind: 'check',
    sequencers: readSequencers(sequencers),
  })),
  session: form(['session']),
  graph: form(['after', 'limit'], (query) => ({
    kind: 'graph',
    after: query['after'],
    limit: query['limit'] ?? LIST_LIMIT,
  })),
  election: form(['election'], ({ election }) => ({
    kind: 'lock',
    name: lockOfElection(election),
  })),
  latch: form(['latch']),
  barrier: form(['barrier']),
};

/** The bytes of a query. Throws `Problem` that names the field. */
export function readLockQuery(query: JsonObject): Uint8Array {
  const kind = textOf(query['kind']);
  const found = Object.hasOwn(FORMS, kind) ? FORMS[kind] : undefined;
  if (found === undefined)
    throw malformed('kind', `must be one of ${Object.keys(FORMS).join(', ')}`);
  checkFields(query, found.fields);
  return encodeChecked(encodeLockQuery, found.read(query), (field) =>
    field === 'name' ? kind : field,
  );
}

/** The service looks at the grant; whether a signature is genuine is seen when the answer is shown. */
function readSequencers(value: unknown): object[] {
  if (!Array.isArray(value)) throw malformed('sequencers', 'must be a list');
  const read = value.map((text, at) => parseSequencer(text, `sequencers.${at}`));
  if (read.filter(({ signed }) => signed !== undefined).length > SIGNED_MAX)
    throw malformed('sequencers', `must have at most ${SIGNED_MAX} that are signed`);
  return read.map(({ signed: _, ...grant }) => grant);
}
