import { PROBLEMS } from '../../apps/server/src/contract/problem-codes';
import type { ApiRoute } from './api-document';
import type { FuzzRequest } from './fuzz-request';
import type { Exchanged, HttpAnswer } from './http-connection';

/** 501, 503, 504 and 507 stand in the table of problems; nothing else of 500 and up is ever right. */
const STATED: ReadonlySet<number> = new Set([501, 503, 504, 507]);
/** HTTP's own, of Node: the request expects what no server does. (RFC 9110 §10.1.1) */
const EXPECTATION_FAILED = 417;
const NAMING_A_FIELD: ReadonlySet<string> = new Set(['malformed', 'invalid']);

/** What is wrong with an answer; undefined when it is as the document and the table of problems say. */
export function faultOf(
  request: FuzzRequest,
  answer: Exchanged,
  routes: ReadonlyMap<string, ApiRoute>,
): string | undefined {
  if (answer === 'silent') return request.mayWait === true ? undefined : 'no answer in time';
  if (answer === 'closed') return 'the connection was closed without an answer';
  if (answer.headers.has('x-injected')) return 'a header was injected';
  const { status } = answer;
  if (status === EXPECTATION_FAILED) return undefined;
  if (status >= 500 && !STATED.has(status)) return `status ${status}: ${textOf(answer)}`;
  return (
    unstated(request, answer, routes) ?? (status >= 400 ? badProblem(request, answer) : undefined)
  );
}

function unstated(
  { route }: FuzzRequest,
  { status }: HttpAnswer,
  routes: ReadonlyMap<string, ApiRoute>,
): string | undefined {
  const stated = route === undefined ? undefined : routes.get(route)?.statuses;
  if (stated === undefined || stated.has(status)) return undefined;
  return `status ${status} is not stated for ${route}`;
}

function badProblem({ method, target }: FuzzRequest, answer: HttpAnswer): string | undefined {
  if (method === 'HEAD' || target.includes('/health/')) return undefined;
  if (target.includes('/socket.io/')) return undefined;
  const body = jsonOf(answer);
  if (body === undefined) return `status ${answer.status} without a problem: ${textOf(answer)}`;
  if (isObject(body['RemoteException'])) return remoteFault(body['RemoteException']);
  if (!(answer.headers.get('content-type') ?? '').startsWith('application/problem+json'))
    return `a problem as ${answer.headers.get('content-type')}`;
  return problemFault(body, answer.status);
}

function problemFault(body: Record<string, unknown>, status: number): string | undefined {
  const { code, title, type, detail } = body;
  const known = (PROBLEMS as Readonly<Record<string, { status: number; title: string }>>)[
    String(code)
  ];
  if (known === undefined) return `an unknown code: ${JSON.stringify(body)}`;
  const isSame = known.status === status && body['status'] === status && known.title === title;
  if (!isSame || type !== `urn:lockstep:problem:${String(code)}` || typeof detail !== 'string')
    return `not as the table has it: ${JSON.stringify(body)}`;
  if (NAMING_A_FIELD.has(String(code)) && typeof body['field'] !== 'string')
    return `no field is named: ${JSON.stringify(body)}`;
  return undefined;
}

function remoteFault(exception: Record<string, unknown>): string | undefined {
  const { exception: name, javaClassName, message } = exception;
  const texts = [name, javaClassName, message].every((text) => typeof text === 'string');
  return texts && !String(message).startsWith('internal-error')
    ? undefined
    : `a bad exception: ${JSON.stringify(exception)}`;
}

export function jsonOf(answer: HttpAnswer): Record<string, unknown> | undefined {
  try {
    const body: unknown = JSON.parse(answer.body.toString());
    return isObject(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const textOf = ({ body }: HttpAnswer): string => body.toString('latin1', 0, 500);
