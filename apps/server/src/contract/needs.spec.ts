import type { Grant, Part } from '../access/grant';
import type { Need } from '../access/need';
import { missing } from '../access/permission';
import { LOCAL, type Principal } from '../access/principal';
import type { Role } from '../access/role';
import { CONTRACTS } from './contracts';
import type { JsonObject } from './json';
import { LOCK_OPERATION_NEEDS, LOCK_QUERY_NEEDS } from './lock-needs';
import { readLockOperation } from './lock-operations';
import { readLockQuery } from './lock-queries';
import { problemOf } from './problem-of';
import type { ServiceContract } from './service-contract';

const NAMING = { request: 'r', session: '1-0' };

const withGrants = (...grants: Grant[]): Principal => ({ ...LOCAL, name: 'ann', grants });
const locks = (role: Role, prefix: string): Grant => ({ role, on: { kind: 'locks', prefix } });
const part = (kind: 'locks', prefix: string): Part => ({ kind, prefix });
const contractOf = (service: string): ServiceContract => CONTRACTS.get(service) as ServiceContract;
const mayDo = (principal: Principal, service: string, op: JsonObject): boolean =>
  missing(principal, contractOf(service).needs(op)) === undefined;
const mayAsk = (principal: Principal, service: string, query: JsonObject): boolean =>
  missing(principal, contractOf(service).needsOfQuery(query)) === undefined;

/** As the refusal of an unknown kind lists them. */
const kindsOf = (read: () => unknown): string[] => {
  const [, list = ''] = /must be one of (.*)\.$/.exec(problemOf(read)?.message ?? '') ?? [];
  return list.split(', ').sort();
};

describe('what operations and queries take', () => {
  it('is stated for every kind of the lock manager', () => {
    const operations = kindsOf(() => readLockOperation({ kind: 'x' }, NAMING));
    const queries = kindsOf(() => readLockQuery({ kind: 'x' }));
    expect(Object.keys(LOCK_OPERATION_NEEDS).sort()).toEqual(operations);
    expect(Object.keys(LOCK_QUERY_NEEDS).sort()).toEqual(queries);
  });

  it('is stated by every service for whatever it is asked', () => {
    const nobody = withGrants();
    for (const [, contract] of CONTRACTS)
      for (const asked of [{ kind: 'x' }, {}]) {
        const needs: readonly Need[] = contract.needs(asked);
        if (contract.actingAs === undefined) expect(missing(nobody, needs)).toBeDefined();
        else
          expect(problemOf(() => contract.actingAs?.(asked, nobody, 'reader'))?.code).toBe(
            'forbidden',
          );
      }
  });

  const ann = withGrants(locks('client', 'ann/'));
  it.each<[boolean, JsonObject]>([
    [true, { kind: 'acquire', lock: 'ann/1' }],
    [false, { kind: 'acquire', lock: 'ann' }],
    [false, { kind: 'acquire', lock: 'Ann/1' }],
    [false, { kind: 'acquire', lock: 'bob/ann/' }],
    [false, { kind: 'acquire', lock: 'a\u0301nn/' }],
    [true, { kind: 'acquire', locks: [{ name: 'ann/1' }, { name: 'ann/2' }] }],
    [false, { kind: 'acquire', locks: [{ name: 'ann/1' }, { name: 'bob/2' }] }],
    [true, { kind: 'campaign', election: 'ann/leader' }],
    [false, { kind: 'campaign', election: 'bob/leader' }],
    [true, { kind: 'enter', barrier: 'ann/b' }],
    [false, { kind: 'enter', barrier: 'b' }],
    [true, { kind: 'set-latch', latch: 'ann/l' }],
    [false, { kind: 'count-down', latch: 'l' }],
    [false, { kind: 'break', lock: 'ann/1' }],
    [false, { kind: 'set-limit', lock: 'ann/1' }],
    [true, { kind: 'cancel', request: '1-0#1' }],
  ])('%s: a client of ann/ does %j', (isAllowed, op) => {
    expect(mayDo(ann, 'locks', op)).toBe(isAllowed);
  });

  it.each<[boolean, JsonObject]>([
    [true, { kind: 'lock', lock: 'ann/1' }],
    [true, { kind: 'lock', lock: '@election:ann/1' }],
    [false, { kind: 'lock', lock: '@election:bob/1' }],
    [false, { kind: 'lock', lock: '@ann/' }],
    [true, { kind: 'locks', prefix: 'ann/x' }],
    [false, { kind: 'locks', prefix: 'ann' }],
    [false, { kind: 'locks' }],
    [false, { kind: 'locks', prefix: '@' }],
    [true, { kind: 'locks', prefix: '@election:ann/' }],
    [false, { kind: 'graph' }],
    [true, { kind: 'check', sequencers: ['ann/1;exclusive;7'] }],
    [false, { kind: 'check', sequencers: ['ann/1;exclusive;7', 'bob/1;exclusive;7'] }],
  ])('%s: a client of ann/ asks %j', (isAllowed, query) => {
    expect(mayAsk(ann, 'locks', query)).toBe(isAllowed);
  });

  it('is an admin of the prefix to break a lock, and of the group to close a session of another', () => {
    const admin = withGrants(locks('admin', 'ann/'));
    expect(mayDo(admin, 'locks', { kind: 'break', lock: 'ann/1' })).toBe(true);
    expect(mayDo(admin, 'locks', { kind: 'break', lock: 'bob/1' })).toBe(false);
    expect(mayDo(admin, 'sessions', { kind: 'close' })).toBe(true);
    expect(mayDo(admin, 'sessions', { kind: 'force-close' })).toBe(false);
    expect(mayDo(LOCAL, 'sessions', { kind: 'force-close' })).toBe(true);
  });

  it('is the whole group for whatever is about everybody', () => {
    const reader = withGrants({ role: 'reader', on: undefined });
    const client = withGrants({ role: 'client', on: part('locks', '') });
    for (const [service, query] of [
      ['sessions', { kind: 'list' }],
      ['counter', { kind: 'get', name: 'x' }],
      ['files', { kind: 'listvolumes' }],
    ] as const) {
      expect(mayAsk(reader, service, query)).toBe(true);
      expect(mayAsk(client, service, query)).toBe(false);
    }
    expect(mayDo(client, 'group', { kind: 'checkpoint' })).toBe(false);
  });
});

describe('a request on files', () => {
  const files = contractOf('files');
  const act = (principal: Principal, request: JsonObject): JsonObject | undefined =>
    files.actingAs?.(request, principal, 'client');
  const on = (role: Role, path: string): Grant => ({
    role,
    on: { kind: 'files', volume: 'main', path },
  });
  const ann: Principal = { ...withGrants(on('client', '/ann')), caller: { uid: 7, gids: [7, 8] } };

  it('is made as who the token says, and within the paths that are granted', () => {
    expect(act(ann, { kind: 'stat', path: '/' })).toMatchObject({
      caller: { uid: 7, gids: [7, 8], within: ['/ann'] },
    });
    expect(act(ann, { caller: { uid: 7, gids: [8], umask: 0 } })).toMatchObject({
      caller: { uid: 7, gids: [8], umask: 0, within: ['/ann'] },
    });
  });

  it.each<JsonObject>([
    { caller: { uid: 0 } },
    { caller: { gids: [0] } },
    { caller: { gids: [7, 0] } },
    { caller: { gids: '7' } },
    { volume: 'other' },
  ])('is not made as another, or elsewhere: %j', (request) => {
    expect(problemOf(() => act(ann, request))?.code).toBe('forbidden');
  });

  it('does not widen what is granted by a field of its own', () => {
    expect(problemOf(() => act(ann, { caller: { within: ['/'] } }))?.code).toBe('malformed');
  });

  it('is anybody’s for who may act for others, and unconfined with the whole volume', () => {
    const request = { kind: 'stat', path: '/', caller: { uid: 0 } };
    expect(act(LOCAL, request)).toBe(request);
    expect(act({ ...LOCAL, grants: [on('admin', '/')] }, request)).toBe(request);
  });

  it('is confined to where the role is enough', () => {
    const mixed = { ...ann, grants: [on('reader', '/'), on('client', '/ann')] };
    expect(act(mixed, {})).toMatchObject({ caller: { within: ['/ann'] } });
    expect(files.actingAs?.({}, mixed, 'reader')).not.toHaveProperty('caller.within');
  });

  it.each<[boolean, JsonObject]>([
    [true, { kind: 'batch', ops: [{ kind: 'mkdir', path: '/x' }] }],
    [false, { kind: 'batch', ops: [{ kind: 'snapshot', name: 'x' }] }],
    [false, { kind: 'txn', then: [], else: [{ kind: 'restore', id: 'x' }] }],
    [false, { kind: 'definevolume' }],
    [false, { kind: 'mkdir', path: '/x', if: [{ lock: 'l', fence: '1' }] }],
    [false, { kind: 'mkdir', path: '/x', if: [{ sequencer: 'l;exclusive;1' }] }],
  ])('%s: within a path %j', (isAllowed, request) => {
    expect(mayDo(ann, 'files', request)).toBe(isAllowed);
  });
});
