import { NAME_FORMS } from '../../apps/server/src/contract/files/name-forms';
import { OBJECT_FORMS } from '../../apps/server/src/contract/files/object-forms';
import { QUERY_FORMS } from '../../apps/server/src/contract/files/query-forms';
import { VOLUME_FORMS } from '../../apps/server/src/contract/files/volume-forms';
import type { Chance } from '../simulation/chance';
import { resolved, type ApiDocument, type Schema } from './api-document';
import { valueFor, type Source } from './field-values';
import { RawJson, strangeText, strangeValue, type Json } from './strange-values';

export type JsonFields = Readonly<Record<string, Json>>;

/** What is in `ops` is an object to the document; its grammar is the table of forms. */
const FILE_FORMS = { ...NAME_FORMS, ...OBJECT_FORMS, ...QUERY_FORMS, ...VOLUME_FORMS };
const FILE_KINDS = Object.keys(FILE_FORMS) as (keyof typeof FILE_FORMS)[];
const NAMES_OF_ENDS = ['from', 'to', 'path', 'target', 'name', 'value', 'data'];

/** One operation on files, with some of the fields that its kind has. */
export function fileOperation(source: Source): JsonFields {
  const { chance } = source;
  const kind = chance.pick(FILE_KINDS);
  // One form of each name is enough, most of the time.
  const fields = [...FILE_FORMS[kind].fields].filter((field) => {
    if (field === 'kind') return false;
    const isOther = field.endsWith('Base64') || ['ino', 'handle', 'handleOf'].includes(field);
    return chance.happens(isOther ? 0.06 : NAMES_OF_ENDS.includes(field) ? 0.97 : 0.5);
  });
  return { kind, ...fieldsOf(fields, source) };
}

export const fieldsOf = (fields: readonly string[], source: Source): JsonFields =>
  Object.fromEntries(fields.map((field) => [field, valueFor(field, source)]));

/** A body by its schema. */
export function bodyOf(schema: Schema, document: ApiDocument, source: Source): Json {
  const { chance } = source;
  const { properties = {}, required = [] } = resolved(schema, document);
  const fields: Record<string, Json> = {};
  for (const [name, property] of Object.entries(properties)) {
    const isWanted = required.includes(name)
      ? !chance.happens(source.strangeness / 2)
      : chance.happens(0.4);
    if (isWanted) fields[name] = fieldOf(name, resolved(property, document), document, source);
  }
  if (chance.happens(source.strangeness / 2)) fields[strangeText(chance)] = strangeValue(chance);
  return fields;
}

const OPERATIONS = ['ops', 'then', 'else'];

function fieldOf(name: string, schema: Schema, document: ApiDocument, source: Source): Json {
  const { chance, strangeness } = source;
  if (chance.happens(strangeness)) return strangeValue(chance);
  if (chance.happens(strangeness)) return boundaryOf(schema, chance);
  if (OPERATIONS.includes(name))
    return Array.from({ length: chance.below(4) }, () => fileOperation(source));
  if (name === 'op') return fileOperation(source);
  if (schema.enum !== undefined) return chance.pick(schema.enum);
  if (schema.items?.$ref !== undefined)
    return Array.from({ length: chance.below(3) }, () =>
      bodyOf(schema.items ?? {}, document, source),
    );
  const { minimum, maximum } = schema;
  if (minimum !== undefined && chance.happens(0.3)) return minimum;
  const value = valueFor(name, { ...source, strangeness: 0 });
  if (typeof value === 'number' && minimum !== undefined && value < minimum) return minimum;
  if (typeof value === 'number' && maximum !== undefined && value > maximum) return maximum;
  if (schema.type === 'number' && typeof value !== 'number') return minimum ?? 1;
  if (schema.type === 'string' && typeof value !== 'string') return 'x';
  return value;
}

/** At an end of what is allowed, or one step beyond. */
function boundaryOf(schema: Schema, chance: Chance): Json {
  const { minimum, maximum, maxItems } = schema;
  const ends = [minimum, maximum].filter((end) => end !== undefined);
  if (ends.length > 0) {
    const beyond = [...ends.map((end) => end - 1), ...ends.map((end) => end + 1), ...ends];
    return new RawJson(String(chance.pick(beyond)));
  }
  if (maxItems !== undefined)
    return new RawJson(`[${Array.from({ length: maxItems + 1 }, () => '{}').join(',')}]`);
  return strangeValue(chance);
}
