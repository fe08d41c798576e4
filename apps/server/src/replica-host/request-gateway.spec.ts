import {
  decodeCounterOutcome,
  encodeCounterOperation,
  encodeCounterQuery,
} from '@lockstep/state-machines';
import {
  decodeSessionOutcome,
  encodeSessionOperation,
  type Answer,
  type ByteString,
  type KeptAlive,
  type ReadResult,
  type RequestName,
} from '@lockstep/vr-core';
import { startMemoryGroup, stopMemoryGroup, type MemoryReplica } from './memory-group';
import { LINEARIZABLE, stale, type Submission } from './request-gateway';

const TIMEOUT_MS = 10_000;

const add = (key: string, by = 1): Submission => ({
  name: { kind: 'keyed', keyHash: key as ByteString },
  principal: 'local',
  service: 'counter',
  operation: encodeCounterOperation({ kind: 'add', name: 'n', by }),
  ackedBelow: 0,
  timeoutMs: TIMEOUT_MS,
});

const submit = ({ gateway }: MemoryReplica, submission: Submission): Promise<Answer> =>
  new Promise((resolve) => {
    gateway.submit(submission, resolve);
  });

const read = ({ gateway }: MemoryReplica, consistency = LINEARIZABLE): Promise<ReadResult> =>
  new Promise((resolve) => {
    const query = encodeCounterQuery({ kind: 'get', name: 'n' });
    gateway.read({ service: 'counter', query, consistency, timeoutMs: TIMEOUT_MS }, resolve);
  });

const valueOf = (answer: Answer): unknown =>
  answer.kind === 'outcome' ? decodeCounterOutcome(answer.bytes).value : answer.code;

describe('the gateway of a replica', () => {
  let group: MemoryReplica[];
  let primary: MemoryReplica;
  let backup: MemoryReplica;

  beforeEach(async () => {
    group = await startMemoryGroup(3);
    [primary, backup] = group as [MemoryReplica, MemoryReplica];
  });
  afterEach(() => {
    stopMemoryGroup(group);
  });

  it('answers at the primary and, by way of it, at a backup', async () => {
    expect(valueOf(await submit(primary, add('a')))).toBe(1);
    expect(valueOf(await submit(backup, add('b')))).toBe(2);
  });

  it('answers everybody who names the same request, and executes it once', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => submit(backup, add('same'))));
    expect(answers.map(valueOf)).toEqual([1, 1, 1]);
    expect(await submit(primary, add('same'))).toMatchObject({ replayed: true });
  });

  it('refuses the same name for another operation, also while the first is under way', async () => {
    const first = submit(backup, add('same', 1));
    const problem = { kind: 'problem', code: 'request-reused' };
    expect(await submit(backup, add('same', 2))).toEqual(problem);
    await first;
    expect(await submit(backup, add('same', 2))).toEqual(problem);
  });

  it('tells nobody the answer to the request of another who names it alike', async () => {
    const name = { kind: 'numbered', session: '9-0', requestNumber: 1 } as unknown as RequestName;
    const own = submit(backup, { ...add('x'), name });
    const problem = { kind: 'problem', code: 'not-your-session' };
    expect(await submit(backup, { ...add('x'), name, principal: 'bob' })).toEqual(problem);
    expect(await own).toMatchObject({ code: 'session-expired' });
  });

  it('reads what was answered before, at any replica', async () => {
    const written = await submit(primary, add('a', 7));
    for (const replica of group)
      expect(['lease', 'index']).toContain(servedOf(await read(replica)));
    if (written.kind !== 'outcome') throw new Error('it was not executed');
    const seen = await read(backup, stale(written.opNumber, TIMEOUT_MS));
    expect(seen).toMatchObject({ kind: 'outcome', served: 'stale' });
  });

  it('keeps a session alive through a backup, and says when it is gone', async () => {
    const keepAlive = (session: string): Promise<KeptAlive> =>
      new Promise((resolve) => {
        backup.gateway.keepAlive(session, 'local', TIMEOUT_MS, resolve);
      });
    const operation = encodeSessionOperation({
      kind: 'open',
      ttlMs: 5_000,
      name: undefined,
      metadata: undefined,
      lockDelayMs: 0,
      onEnd: 'release',
    });
    const opened = await submit(backup, { ...add('open'), service: 'sessions', operation });
    const session = opened.kind === 'outcome' ? decodeSessionOutcome(opened.bytes) : undefined;
    if (session?.kind !== 'opened') throw new Error('it was not opened');
    expect(await keepAlive(session.id)).toMatchObject({ kind: 'touched', ttlMs: 5_000 });
    expect(await keepAlive('1-77')).toEqual({ kind: 'problem', code: 'session-expired' });
  });

  it('says no-primary for what never left it, once its time is up', async () => {
    stopMemoryGroup([primary]);
    const alone = await submit(backup, { ...add('late'), timeoutMs: 50 });
    expect(alone).toMatchObject({ kind: 'problem' });
    expect(['no-primary', 'outcome-unknown']).toContain(valueOf(alone));
  });

  it('takes nothing new once it drains, and is drained when every answer is given', async () => {
    const under = submit(backup, add('a'));
    const drained = backup.gateway.drain();
    expect(await submit(backup, add('b'))).toEqual({ kind: 'problem', code: 'no-primary' });
    await drained;
    expect(backup.gateway.outstanding).toBe(0);
    expect(valueOf(await under)).toBe(1);
  });
});

const servedOf = (result: ReadResult): string =>
  result.kind === 'outcome' ? result.served : result.kind;
