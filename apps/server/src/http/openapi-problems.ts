import type { OpenAPIObject } from '@nestjs/swagger';
import { PROBLEMS, type Code } from '../contract/problem-codes';
import { PROBLEM_TYPE } from './problem.filter';

type PathItem = OpenAPIObject['paths'][string];
type Operation = NonNullable<PathItem['get']>;

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;
const LOCKS = ['locks', 'elections', 'barriers', 'latches'];

/** Codes of one service, by the tags of its routes; every other code may be met anywhere. */
const OF_TAGS: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    'out-of-range': ['counter'],
    'unknown-reconfiguration': ['cluster'],
    'reconfiguration-refused': ['cluster'],
    'reconfiguration-invalid': ['cluster'],
    'limit-missing': LOCKS,
    'reserved-name': LOCKS,
    'unknown-latch': LOCKS,
    'unknown-request': LOCKS,
    'already-held': LOCKS,
    'already-queued': LOCKS,
    deadlock: LOCKS,
    'limit-conflict': LOCKS,
    'not-a-writer': LOCKS,
    'not-held': LOCKS,
    'not-inside': LOCKS,
    'not-transferable': LOCKS,
    'parties-conflict': LOCKS,
    'too-many-permits': LOCKS,
    'upgrade-conflict': LOCKS,
    'stale-fence': LOCKS,
    'lock-delay': LOCKS,
    'lock-held': LOCKS,
    'lock-waited': LOCKS,
  } satisfies Partial<Record<Code, readonly string[]>>),
);

const ERRNO = /^E[A-Z0-9]+$/;
const CODES = Object.keys(PROBLEMS) as Code[];

/** States at every route the problems that its service knows: what is added to the table of codes is in the document. */
export function stateProblems(document: OpenAPIObject): OpenAPIObject {
  for (const path of Object.values(document.paths))
    for (const method of METHODS) {
      const operation = path[method];
      if (operation !== undefined)
        Object.assign(operation.responses, problemsOf(operation), triedOf(operation));
    }
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, Problem: PROBLEM },
  };
  return document;
}

/** What is only tried is answered with 200, whatever it is when it is done. */
function triedOf({ parameters = [], responses }: Operation): Operation['responses'] {
  const mayBeTried = parameters.some(
    (parameter) => 'name' in parameter && parameter.name === 'validate',
  );
  return mayBeTried && responses['200'] === undefined
    ? { 200: { description: 'It was only tried' } }
    : {};
}

function problemsOf({ tags = [] }: Operation): Operation['responses'] {
  const codes = CODES.filter((code) => isOf(code, tags));
  const statuses = new Set(codes.map((code) => PROBLEMS[code].status));
  return Object.fromEntries(
    [...statuses].map((status) => [
      status,
      responseOf(codes.filter((code) => PROBLEMS[code].status === status)),
    ]),
  );
}

function isOf(code: Code, tags: readonly string[]): boolean {
  const only = ERRNO.test(code) ? ['files'] : OF_TAGS.get(code);
  return only === undefined || only.some((tag) => tags.includes(tag));
}

const responseOf = (codes: readonly Code[]): Operation['responses'][string] => ({
  description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title}`).join('; '),
  content: {
    [PROBLEM_TYPE]: {
      schema: {
        allOf: [{ $ref: '#/components/schemas/Problem' }],
        properties: { code: { enum: [...codes] } },
      },
    },
  },
});

/** RFC 9457, with `code` and whatever members the code has. */
const PROBLEM = {
  type: 'object' as const,
  required: ['type', 'title', 'status', 'detail', 'code'],
  properties: {
    type: { type: 'string' as const, example: 'urn:lockstep:problem:malformed' },
    title: { type: 'string' as const },
    status: { type: 'integer' as const },
    detail: { type: 'string' as const },
    code: { type: 'string' as const },
    field: { type: 'string' as const, description: 'The part of the request at fault.' },
    retryAfterMs: { type: 'integer' as const, minimum: 0 },
  },
  additionalProperties: true,
};
