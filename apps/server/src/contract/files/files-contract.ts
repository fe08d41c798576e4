import { FILES_SERVICE, FILE_QUERY_KINDS } from '@lockstep/state-machines';
import { isObject, textOf, type JsonObject, type JsonValue } from '../json';
import { malformed } from '../problem';
import type { ServiceContract } from '../service-contract';
import { actingOnFiles } from './acting';
import { needsOfFileQuery, needsOfFileRequest } from './needs';
import { readFileQuery, readFileRequest } from './requests';
import { showFileAnswer } from './results';

const QUERIES: ReadonlySet<unknown> = new Set(FILE_QUERY_KINDS);

export const isFileQuery = (op: JsonValue | undefined): op is JsonObject =>
  isObject(op) && QUERIES.has(op['kind']);

/** Files, in JSON. */
export const filesContract: ServiceContract = {
  service: FILES_SERVICE,
  actingAs: actingOnFiles,
  needs: needsOfFileRequest,
  needsOfQuery: needsOfFileQuery,
  /** Whose handles and locks it shows. */
  belonging: ({ session }) =>
    session === undefined ? undefined : { session: textOf(session), otherwise: undefined },
  operation: readFileRequest,
  outcome: showFileAnswer,
  query(query) {
    if (!isFileQuery(query))
      throw malformed('kind', `must be one of ${FILE_QUERY_KINDS.join(', ')}`);
    return readFileQuery(query);
  },
  answer: showFileAnswer,
};
