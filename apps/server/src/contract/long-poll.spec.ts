import { setImmediate as nextTurn } from 'node:timers/promises';
import { sha256 } from '../replica-host/hash';
import {
  startMemoryGroup,
  stopMemoryGroup,
  type MemoryReplica,
} from '../replica-host/memory-group';
import { Calls, type QueryCall, type Reply, type Told } from './calls';
import { CONTRACTS } from './contracts';
import { Door } from './door';
import { KNOWN_KEY } from './fixed-moment';
import { textOf, type JsonObject, type JsonValue } from './json';
import { LockWatch } from './lock-watch';
import { LongPolls } from './long-poll';
import { Problem } from './problem';
import { LOCAL } from '../access/principal';
import { AuditLog } from '../audit/audit-log';
import { AuditTrail } from './audit-trail';
import { LimitSettings } from '../config/settings/limit-settings';
import { intakeOf } from './intake';

const TIMEOUT_MS = 10_000;
const LONG_MS = 60_000;

class Desk {
  readonly calls: Calls;
  readonly polls: LongPolls;

  constructor({ gateway, host, hub, replica }: MemoryReplica) {
    const onFault = (fault: unknown): void => {
      throw fault;
    };
    const door = new Door();
    const parts = {
      contracts: CONTRACTS,
      intake: intakeOf(new LimitSettings()),
      audit: new AuditTrail(new AuditLog('nothing is written')),
      gateway,
      door,
      hash: sha256,
      view: host.view,
      ownerOf: () => undefined,
      generation: 1,
      sequencers: KNOWN_KEY,
    };
    this.calls = new Calls({ ...parts, onFault });
    this.polls = new LongPolls(this.calls, new LockWatch(hub), replica.execution);
  }

  do(service: string, op: JsonObject): Promise<Reply> {
    const call = { service, op, principal: LOCAL, timeoutMs: TIMEOUT_MS };
    return told((tell) => {
      this.calls.mutate(call, tell);
    });
  }

  request(request: string, waitMs: number): Promise<Reply> {
    return told((tell) => {
      this.polls.request(query({ kind: 'request', request }), request, waitMs, tell);
    });
  }

  lock(lock: string, wait: { waitMs: number; since?: number }): Promise<Reply> {
    return told((tell) => {
      this.polls.lock(query({ kind: 'lock', lock }), lock, wait, tell);
    });
  }

  async open(): Promise<string> {
    const { body } = await this.do('sessions', { kind: 'open', ttlMs: 60_000 });
    return textOf(body['id']);
  }
}

const query = (asked: JsonObject): QueryCall => ({
  service: 'locks',
  principal: LOCAL,
  query: asked,
  consistency: 'linearizable',
  minOp: 0,
  timeoutMs: TIMEOUT_MS,
});

const told = (start: (tell: Told) => void): Promise<Reply> =>
  new Promise((resolve, reject) => {
    start((reply) => {
      if (reply instanceof Problem) reject(reply);
      else resolve(reply);
    });
  });

describe('a long poll', () => {
  let group: MemoryReplica[];
  let primary: Desk;
  let backup: Desk;
  let ann: string;
  let bob: string;

  beforeEach(async () => {
    group = await startMemoryGroup(3);
    [primary, backup] = group.map((member) => new Desk(member)) as [Desk, Desk];
    [ann, bob] = [await primary.open(), await primary.open()];
  });
  afterEach(() => {
    stopMemoryGroup(group);
  });

  const acquire = (session: string) =>
    primary.do('locks', { kind: 'acquire', lock: 'door', session });
  const release = (fence: JsonValue | undefined) =>
    primary.do('locks', { kind: 'release', lock: 'door', session: ann, fence });

  it('tells of a grant at a backup, when the release of another door has made it', async () => {
    const held = await acquire(ann);
    const waiting = await acquire(bob);
    const granted = backup.request(textOf(waiting.body['request']), LONG_MS);
    await nextTurn();
    await release(held.body['fence']);
    expect((await granted).body).toMatchObject({ state: 'granted', session: bob });
  });

  it('tells at once what is no longer awaited', async () => {
    const held = await acquire(ann);
    const told = await backup.request(textOf(held.body['request']), LONG_MS);
    expect(told.body).toMatchObject({ state: 'granted', fence: held.body['fence'] });
  });

  it('tells how things stand when the wait is over', async () => {
    await acquire(ann);
    const waiting = await acquire(bob);
    const told = await backup.request(textOf(waiting.body['request']), 1);
    expect(told.body).toMatchObject({ state: 'queued', position: 1 });
  });

  it('fails for a request that nobody knows', async () => {
    await expect(backup.request('nobody#1', LONG_MS)).rejects.toMatchObject({
      code: 'unknown-request',
    });
  });

  it('tells of a change of a lock since an op, also when it is past', async () => {
    const held = await acquire(ann);
    const since = held.opNumber ?? 0;
    const changed = backup.lock('door', { waitMs: LONG_MS, since });
    await acquire(bob);
    expect((await changed).body).toMatchObject({ waiterCount: 1 });
    const past = await backup.lock('door', { waitMs: LONG_MS, since });
    expect(past).toMatchObject({ status: 200, body: { waiterCount: 1 } });
  });

  it('answers 304 when nothing has changed since that op', async () => {
    const held = await acquire(ann);
    await primary.do('locks', { kind: 'acquire', lock: 'other', session: bob });
    const same = await backup.lock('door', { waitMs: 1, since: held.opNumber ?? 0 });
    expect(same.status).toBe(304);
  });
});
