import { checkFields, readCounter } from '../fields';
import type { JsonValue } from '../json';
import { malformed } from '../problem';
import { parseSequencer } from '../sequencer';
import { OBJECT, readObject } from './readings';

const FIELDS = new Set([...OBJECT, 'exists', 'etag', 'sequencer', 'lock', 'fence']);
const TESTS = ['exists', 'etag', 'sequencer', 'lock'] as const;

/**
 * A condition: `{path, exists}`, `{path, etag}`, `{sequencer}` or `{lock, fence}`. A sequencer's signature is not looked at:
 * whether its grant stands is known to the group itself.
 */
export function readGuard(item: JsonValue, field: string): unknown {
  checkFields(item, FIELDS, field);
  const at = (name: string): string => `${field}.${name}`;
  const [test, other] = TESTS.filter((name) => item[name] !== undefined);
  if (test === undefined || other !== undefined)
    throw malformed(field, `must have one of ${TESTS.join(', ')}`);
  switch (test) {
    case 'exists':
      if (typeof item['exists'] !== 'boolean')
        throw malformed(at('exists'), 'must be true or false');
      return { kind: item['exists'] ? 'exists' : 'absent', object: readObject(item, at) };
    case 'etag':
      return { kind: 'etag', object: readObject(item, at), ...readEtag(item['etag'], at('etag')) };
    case 'sequencer': {
      const { lock, fence } = parseSequencer(item['sequencer'], at('sequencer'));
      return { kind: 'held', lock, fence };
    }
    case 'lock': {
      const fence = readCounter(item['fence'], at('fence'));
      if (fence === undefined) throw malformed(at('fence'), 'is missing');
      return { kind: 'held', lock: item['lock'], fence };
    }
  }
}

const ETAG = /^"?([1-9]\d{0,15})-(\d{1,16})\.(\d{1,16})"?$/;

/** `"<ino>-<contentGen>.<metaGen>"`, as answers carry it. */
export function readEtag(value: unknown, field: string): object {
  const [, ino, contentGen, metaGen] = (typeof value === 'string' && ETAG.exec(value)) || [];
  if (ino === undefined) throw malformed(field, 'must be an ETag, such as "12-3.4"');
  return { ino: Number(ino), contentGen: Number(contentGen), metaGen: Number(metaGen) };
}
