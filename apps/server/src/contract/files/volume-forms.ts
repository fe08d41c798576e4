import type { JsonObject } from '../json';
import { readBytes } from '../path-bytes';
import { form, readCount, readMoment, type At, type FileForm } from './readings';

const SETTINGS = [
  'flavour',
  'readOnly',
  'inodesMax',
  'bytesMax',
  'nameMax',
  'historyOps',
  'historyBytes',
  'historyMs',
  'trashMs',
];

const LIMIT = 1_000;

/** Operations on a volume as a whole, and its lists. */
export const VOLUME_FORMS = {
  restore: form(['id', 'to', 'toBase64'], (op, at) => ({
    kind: 'restore',
    id: op['id'],
    to: readBytes(op, 'to', at('to')),
  })),
  discard: form(['id'], (op) => ({ kind: 'discard', id: op['id'] })),
  snapshot: form(['name'], (op) => ({ kind: 'snapshot', name: op['name'] })),
  removesnapshot: form(['name'], (op) => ({ kind: 'removesnapshot', name: op['name'] })),
  renamesnapshot: form(['from', 'to'], (op) => ({
    kind: 'renamesnapshot',
    from: op['from'],
    to: op['to'],
  })),
  definevolume: form(SETTINGS, (op, at) => ({ kind: 'definevolume', settings: settings(op, at) })),
  dropvolume: form([], () => ({ kind: 'dropvolume' })),
  listtrash: form(['after', 'limit'], (op) => ({
    kind: 'listtrash',
    after: op['after'],
    limit: op['limit'] ?? LIMIT,
  })),
  listsnapshots: form(['after', 'limit'], (op) => ({
    kind: 'listsnapshots',
    after: op['after'],
    limit: op['limit'] ?? LIMIT,
  })),
  diff: form(['from', 'to', 'after', 'limit'], (op, at) => ({
    kind: 'diff',
    from: readMoment(op['from'], at('from')),
    to: readMoment(op['to'], at('to')),
    after: readCount(op, 'after', at),
    limit: op['limit'] ?? LIMIT,
  })),
  statfs: form([], () => ({ kind: 'statfs' })),
  listvolumes: form(['after', 'limit'], (op) => ({
    kind: 'listvolumes',
    after: op['after'],
    limit: op['limit'] ?? LIMIT,
  })),
} satisfies Readonly<Record<string, FileForm>>;

function settings(op: JsonObject, at: At): object {
  return {
    flavour: op['flavour'],
    readOnly: op['readOnly'],
    inodesMax: readCount(op, 'inodesMax', at),
    bytesMax: readCount(op, 'bytesMax', at),
    nameMax: op['nameMax'],
    historyOps: readCount(op, 'historyOps', at),
    historyBytes: readCount(op, 'historyBytes', at),
    historyMs: readCount(op, 'historyMs', at),
    trashMs: readCount(op, 'trashMs', at),
  };
}
