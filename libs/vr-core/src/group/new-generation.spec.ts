import type { ByteString } from '../encoding/byte-string';
import { fnvHash } from '../encoding/fnv-hash';
import { createExecution } from '../execution/execution';
import { clusterMs, epochNumber, replicaNumber } from '../numbers/numbers';
import { createSolo, type Solo } from '../service/solo';
import { done, type Plugin, type SessionId } from '../service/state-machine';
import { createStateStore } from '../service/state-store';
import { decodeSessionAnswer, encodeSessionQuery } from '../sessions/operations';
import type { Member } from '../state/configuration';
import { beginGeneration, firstOpOf, type NewGeneration } from './new-generation';
import { decodeGroupAnswer, encodeGroupOperation, encodeGroupQuery, GROUP } from './operations';

const members: readonly Member[] = [0, 1, 2].map((number) => ({
  replicaNumber: replicaNumber(number),
  nodeId: `new-${number}`,
  role: 'active',
  peerUrl: '',
  clientUrl: '',
}));

const terms = (solo: Solo, generation = 2): NewGeneration => ({
  generation,
  members,
  after: { opNumber: solo.execution.executed, hash: 'head' as ByteString },
  epochNumber: epochNumber(4),
  wall: { seconds: 9, nanos: 0 },
});

const begin = (solo: Solo, generation?: number) =>
  beginGeneration(solo.execution, terms(solo, generation), fnvHash);

const isLive = (solo: Solo, session: SessionId) =>
  decodeSessionAnswer(solo.read('sessions', encodeSessionQuery({ kind: 'get', session })).bytes)
    .kind === 'session';

/** Notes in its events what it is told, in order. */
function witness(told: string[]): Plugin {
  return {
    name: 'witness',
    formatVersion: 1,
    create: () => ({
      validate: () => undefined,
      apply: () => done(new Uint8Array()),
      read: () => done(new Uint8Array()),
      onSessionEnd: ({ id, ended }) => told.push(`${id} ${ended ?? ''}`),
      onNewGeneration: (generation) => told.push(`generation ${generation}`),
    }),
  };
}

describe('a new generation of a group (decision 6)', () => {
  it('raises what is numbered first, and then ends every session', () => {
    const told: string[] = [];
    const solo = createSolo([witness(told)]);
    const [ann, bob] = [solo.openSession(), solo.openSession({ ttlMs: 600_000 })];
    begin(solo);
    expect(told).toEqual(['generation 2', `${ann} expired`, `${bob} expired`]);
    expect([isLive(solo, ann), isLive(solo, bob)]).toEqual([false, false]);
  });

  it('names nothing that the old group has named or may yet name', () => {
    const solo = createSolo([]);
    solo.openSession();
    begin(solo);
    expect(solo.execution.executed).toBe(firstOpOf(2));
    expect(solo.openSession()).toBe(`${firstOpOf(2) + 1}-0`);
  });

  it('says that a session of the old group has ended, also one that this state never knew', () => {
    const solo = createSolo([]);
    begin(solo);
    const answer = solo.submit('sessions', new Uint8Array([1, 0]), {
      session: '4711-0' as SessionId,
    });
    expect(answer).toEqual({ kind: 'problem', code: 'session-expired' });
  });

  it('begins an epoch of the new members, without those who would have joined the old ones', () => {
    const solo = createSolo([]);
    const url = 'http://late';
    const nextReplicaNumber = replicaNumber(7);
    solo.submit(
      GROUP,
      encodeGroupOperation({
        kind: 'join',
        nodeId: 'late',
        role: 'active',
        peerUrl: url,
        clientUrl: url,
        nextReplicaNumber,
      }),
    );
    const { epoch } = begin(solo);
    expect(epoch).toMatchObject({
      configuration: { epochNumber: 5, members },
      previous: undefined,
    });
    const ask = (kind: 'configuration' | 'joiners') =>
      decodeGroupAnswer(solo.read(GROUP, encodeGroupQuery({ kind })).bytes);
    expect(ask('joiners')).toEqual({ kind: 'joiners', joiners: [] });
    expect(ask('configuration')).toMatchObject({
      epoch: { configuration: epoch.configuration, startOp: firstOpOf(2) },
    });
  });

  it('still knows the requests that were named by a key', () => {
    const solo = createSolo([]);
    const checkpoint = encodeGroupOperation({ kind: 'checkpoint' });
    const first = solo.submit(GROUP, checkpoint, { idempotencyKey: 'once' });
    begin(solo);
    expect(solo.submit(GROUP, checkpoint, { idempotencyKey: 'once' })).toEqual({
      ...first,
      replayed: true,
    });
  });

  it('is a checkpoint from whose pages every member has the same state', () => {
    const solo = createSolo([]);
    solo.openSession();
    const { checkpoint } = begin(solo);
    const store = createStateStore(fnvHash);
    const other = createExecution({ plugins: [], hash: fnvHash, store });
    other.suspend();
    for (const { table, page, bytes } of solo.execution.store.pages())
      store.loadPage(table, page, bytes);
    expect(store.rebuild()).toBe(checkpoint.stateRoot);
    other.reload();
    expect(other.executed).toBe(checkpoint.opNumber);
    expect(other.clusterMs).toBe(clusterMs(solo.clusterMs));
    expect(other.digest()).toBe(solo.digest());
  });

  it('is refused when its number is not above that of the state', () => {
    const solo = createSolo([]);
    expect(() => begin(solo, 1)).toThrow(RangeError);
    begin(solo, 3);
    expect(() => begin(solo, 3)).toThrow(RangeError);
    expect(() => begin(solo, 2)).toThrow(RangeError);
    expect(() => begin(solo, 512)).toThrow(RangeError);
  });
});
