import { encodeLockOperation } from '@lockstep/state-machines';
import { fromByteString } from '@lockstep/vr-core';
import { RESERVED_MARK, lockOfElection } from './election-name';
import { checkFields, encodeChecked, readCounter } from './fields';
import { textOf, type JsonObject } from './json';
import { readBytes } from './path-bytes';
import { Problem, malformed } from './problem';
import type { Naming } from './service-contract';

interface Form {
  readonly fields: ReadonlySet<string>;
  /** Typed only by hope: the encoding checks it. */
  read(op: JsonObject, naming: Naming): object;
}

const form = (fields: readonly string[], read: Form['read']): Form => ({
  fields: new Set(['kind', ...fields]),
  read,
});

const OWNER = ['session', 'owner'];
const HOLDER = [...OWNER, 'lock', 'fence'];
const VALUE = ['value', 'valueBase64'];
const CANDIDATE = ['waitMs', 'priority', 'claimMs', 'victim'];
const ITEM = ['mode', 'permits', 'limit'];
const ITEM_FIELDS = new Set(['name', ...ITEM]);

/**
 * What clients may do, with the fields that each takes. Written out field by field, in the order of the shapes: to spread
 * one object into another costs ten times as much, and every operation on a lock comes through here.
 */
const FORMS: Readonly<Record<string, Form>> = {
  acquire: form(
    [...OWNER, 'lock', 'locks', ...ITEM, ...CANDIDATE, 'note', 'maxHoldMs', 'minHoldMs'],
    (op, naming) => acquire(op, naming, itemsOf(op), op['note']),
  ),
  release: form([...HOLDER, ...VALUE], (op, naming) => release(op, naming, valueOf(op))),
  cancel: form(['request'], (op) => op),
  claim: form(['request'], (op) => op),
  convert: form([...HOLDER, ...VALUE, 'mode', 'waitMs'], (op, naming) => ({
    kind: 'convert',
    request: naming.request,
    session: op['session'] ?? naming.session,
    lock: lockOf(op),
    owner: op['owner'] ?? '',
    fence: fenceOf(op),
    mode: op['mode'],
    waitMs: op['waitMs'],
    value: valueOf(op),
  })),
  amend: form([...HOLDER, 'note'], (op, naming) => amend(op, naming, op['note'])),
  'set-value': form([...HOLDER, ...VALUE], (op, naming) => ({
    kind: 'set-value',
    session: op['session'] ?? naming.session,
    lock: lockOf(op),
    owner: op['owner'] ?? '',
    fence: fenceOf(op),
    value: valueOf(op),
  })),
  break: form(['lock', 'election', 'fence', 'graceMs', 'reason'], (op) => ({
    kind: 'break',
    lock: lockOf(op),
    fence: fenceOf(op),
    graceMs: op['graceMs'] ?? 0,
    reason: op['reason'],
  })),
  transfer: form([...HOLDER, 'election', 'to'], (op, naming) => ({
    kind: 'transfer',
    session: op['session'] ?? naming.session,
    lock: lockOf(op),
    owner: op['owner'] ?? '',
    fence: fenceOf(op),
    to: op['to'],
  })),
  'set-limit': form(['lock', 'limit'], (op) => ({
    kind: 'set-limit',
    lock: lockOf(op),
    limit: op['limit'],
  })),

  campaign: form([...OWNER, 'election', 'value', ...CANDIDATE], (op, naming) =>
    acquire(op, naming, [item(lockOf(op), {})], op['value']),
  ),
  proclaim: form([...OWNER, 'election', 'fence', 'value'], (op, naming) =>
    amend(op, naming, op['value']),
  ),
  resign: form([...OWNER, 'election', 'fence'], (op, naming) => release(op, naming, undefined)),

  'set-latch': form(['latch', 'count'], (op) => op),
  'count-down': form(['latch', 'by'], ({ latch, by }) => ({
    kind: 'count-down',
    latch,
    by: by ?? 1,
  })),
  'remove-latch': form(['latch'], (op) => op),
  enter: form([...OWNER, 'barrier', 'parties', 'waitMs'], (op, naming) => ({
    kind: 'enter',
    request: naming.request,
    session: op['session'] ?? naming.session,
    owner: op['owner'] ?? '',
    barrier: op['barrier'],
    parties: op['parties'],
    waitMs: op['waitMs'],
  })),
  leave: form([...OWNER, 'barrier', 'waitMs'], (op, naming) => ({
    kind: 'leave',
    request: naming.request,
    session: op['session'] ?? naming.session,
    owner: op['owner'] ?? '',
    barrier: op['barrier'],
    waitMs: op['waitMs'],
  })),
};

/** The bytes of an operation. Throws `Problem` that names the field. */
export function readLockOperation(op: JsonObject, naming: Naming): Uint8Array {
  const kind = textOf(op['kind']);
  const found = Object.hasOwn(FORMS, kind) ? FORMS[kind] : undefined;
  if (found === undefined)
    throw malformed('kind', `must be one of ${Object.keys(FORMS).join(', ')}`);
  checkFields(op, found.fields);
  return encodeChecked(encodeLockOperation, found.read(op, naming), (field) =>
    fieldInApi(field, op),
  );
}

/** What the API calls a field that the service calls otherwise. */
export function fieldInApi(field: string, op: JsonObject): string {
  const [first = '', at = '', part = ''] = field.split('.');
  if (first === 'items' && op['locks'] !== undefined)
    return ['locks', at, part === 'lock' ? 'name' : part].filter((each) => each !== '').join('.');
  const name = first === 'items' ? part : first;
  if (op['election'] !== undefined && name === 'lock') return 'election';
  if (name === 'note' && (op['kind'] === 'campaign' || op['kind'] === 'proclaim')) return 'value';
  return first === 'items' && part === '' ? 'lock' : name;
}

const acquire = (
  op: JsonObject,
  naming: Naming,
  items: readonly object[],
  note: unknown,
): object => ({
  kind: 'acquire',
  request: naming.request,
  session: op['session'] ?? naming.session,
  owner: op['owner'] ?? '',
  items,
  waitMs: op['waitMs'],
  note,
  priority: op['priority'] ?? 0,
  maxHoldMs: op['maxHoldMs'],
  minHoldMs: op['minHoldMs'],
  claimMs: op['claimMs'],
  victim: op['victim'] ?? 'requester',
});

const release = (op: JsonObject, naming: Naming, value: Uint8Array | undefined): object => ({
  kind: 'release',
  session: op['session'] ?? naming.session,
  lock: lockOf(op),
  owner: op['owner'] ?? '',
  fence: fenceOf(op),
  value,
});

const amend = (op: JsonObject, naming: Naming, note: unknown): object => ({
  kind: 'amend',
  session: op['session'] ?? naming.session,
  lock: lockOf(op),
  owner: op['owner'] ?? '',
  fence: fenceOf(op),
  note,
});

function itemsOf(op: JsonObject): readonly object[] {
  const { locks } = op;
  if (locks === undefined) return [item(lockOf(op), op)];
  for (const field of ['lock', ...ITEM])
    if (op[field] !== undefined) throw malformed(field, 'must not be given beside locks');
  if (!Array.isArray(locks)) throw malformed('locks', 'must be a list');
  return locks.map((asked: unknown, at) => {
    checkFields(asked, ITEM_FIELDS, `locks.${at}`);
    return item(plainName(asked['name']), asked);
  });
}

const item = (lock: unknown, { mode, permits, limit }: JsonObject): object => ({
  lock,
  mode: mode ?? 'exclusive',
  permits: permits ?? 1,
  limit,
});

const fenceOf = (op: JsonObject): bigint | undefined => readCounter(op['fence'], 'fence');

/** Of a lock by its name, or of an election by its own. */
function lockOf(op: JsonObject): unknown {
  const { lock, election } = op;
  if (election === undefined) return plainName(lock);
  if (lock !== undefined) throw malformed('election', 'must not be given beside lock');
  return lockOfElection(election);
}

function plainName(lock: unknown): unknown {
  if (typeof lock === 'string' && lock.startsWith(RESERVED_MARK))
    throw new Problem('reserved-name', `A name may not begin with ${RESERVED_MARK}.`);
  return lock;
}

function valueOf(op: JsonObject): Uint8Array | undefined {
  if (op['value'] === undefined && op['valueBase64'] === undefined) return undefined;
  const bytes = readBytes(op, 'value');
  return bytes === undefined ? undefined : fromByteString(bytes);
}
