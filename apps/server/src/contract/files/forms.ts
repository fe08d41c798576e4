import type { FileOperation } from '@lockstep/state-machines';
import { checkFields } from '../fields';
import type { JsonObject } from '../json';
import { malformed } from '../problem';
import { NAME_FORMS } from './name-forms';
import { OBJECT_FORMS } from './object-forms';
import { QUERY_FORMS } from './query-forms';
import type { FileForm } from './readings';
import { VOLUME_FORMS } from './volume-forms';

/** The JSON form of every operation. (api: files, the operation form) */
const FORMS: { readonly [K in FileOperation['kind']]: FileForm } = {
  ...NAME_FORMS,
  ...OBJECT_FORMS,
  ...QUERY_FORMS,
  ...VOLUME_FORMS,
};

const KNOWN = new Map<unknown, FileForm>(Object.entries(FORMS));

/** `where` is the operation's place in the request, `''` for the request itself. */
export function readFileOperation(op: JsonObject, where: string): unknown {
  const at = (field: string): string => (where === '' ? field : `${where}.${field}`);
  const form = KNOWN.get(op['kind']);
  if (form === undefined)
    throw malformed(at('kind'), `must be one of ${Object.keys(FORMS).join(', ')}`);
  checkFields(op, form.fields, where);
  return form.read(op, at);
}
