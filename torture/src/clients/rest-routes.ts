import { textOf, type Question } from '../history/history';

/** A question as a request of REST. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  /** Where in the answer the result is: the first of `results`, or the whole body. */
  readonly shape: 'first result' | 'body';
  /** How long an answer may be kept open on purpose. */
  readonly waitMs?: number;
}

export const ROOT_CALLER = { uid: 0, gids: [0], umask: 0 } as const;

export function routeOf(question: Question): Route {
  switch (question.service) {
    case 'counter':
      return counterRoute(question);
    case 'files':
      return filesRoute(question);
    case 'locks':
      return locksRoute(question);
    default:
      return sessionsRoute(question);
  }
}

function counterRoute({ kind, name, by }: Question): Route {
  const path = `/v1/counter/${String(name)}`;
  return kind === 'add'
    ? { method: 'POST', path, body: { by }, shape: 'body' }
    : { method: 'GET', path, shape: 'body' };
}

/** Paths of questions are relative to `root`, so that the model knows nothing of where it is. */
function filesRoute(question: Question): Route {
  const { kind, root, path } = question;
  const whole = under(String(root), textOf(path));
  if (kind === 'stat')
    return { method: 'GET', path: `/v1/fs/main/path${whole}?follow=false`, shape: 'body' };
  if (kind === 'readdir')
    return { method: 'GET', path: `/v1/fs/main/entries${whole}`, shape: 'body' };
  if (kind === 'txn') {
    const guard = question['if'] as { readonly path: string; readonly exists: boolean };
    const body = {
      caller: ROOT_CALLER,
      if: [{ ...guard, path: under(String(root), guard.path) }],
      then: [operationOf({ ...(question['then'] as Question), root })],
      else: [operationOf({ ...(question['else'] as Question), root })],
    };
    return { method: 'POST', path: '/v1/fs/main/txn', body, shape: 'body' };
  }
  const body = { caller: ROOT_CALLER, ops: [operationOf(question)] };
  return { method: 'POST', path: '/v1/fs/main/ops', body, shape: 'first result' };
}

/** The operation form of files, with whole paths. */
export function operationOf(question: Question): Record<string, unknown> & { kind: string } {
  const { service: _, kind, root, ...fields } = question;
  const whole = Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      name === 'path' || name === 'from' || name === 'to'
        ? under(String(root), String(value))
        : value,
    ]),
  );
  return { kind, ...whole };
}

export const under = (root: string, path: string): string =>
  path === '' ? root : `${root}/${path}`;

function locksRoute({ kind, service: _, lock, ...fields }: Question): Route {
  const path = `/v1/locks/${String(lock)}`;
  if (kind === 'lock') return { method: 'GET', path, shape: 'body' };
  const waitMs = Number(fields['holdMs'] ?? 0);
  return { method: 'POST', path: `${path}/${kind}`, body: fields, shape: 'body', waitMs };
}

function sessionsRoute({ kind, session, service: _, ...fields }: Question): Route {
  if (kind === 'open') return { method: 'POST', path: '/v1/sessions', body: fields, shape: 'body' };
  const path = `/v1/sessions/${String(session)}`;
  return kind === 'close'
    ? { method: 'DELETE', path, shape: 'body' }
    : { method: 'POST', path: `${path}/keepalive`, body: {}, shape: 'body' };
}

/** What an answer of 2xx says: a result, or the code of the problem inside it. */
export function resultOf(
  { shape }: Route,
  body: Record<string, unknown>,
): { readonly value: unknown } | { readonly problem: string } {
  if (shape === 'body') return { value: body };
  const results = body['results'] as readonly {
    readonly result?: unknown;
    readonly problem?: { readonly code: string };
  }[];
  const [first] = results;
  return first?.problem === undefined ? { value: first?.result } : { problem: first.problem.code };
}
