import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  createReplica,
  epochNumber,
  firstEpoch,
  replicaNumber,
  type Store,
} from '@lockstep/vr-core';
import { MemoryNetwork } from '../peers/memory-peers';
import { MemoryDisk, MemoryStorage } from '../storage/memory-storage';
import { StorageFailure, type ReplicaStorage, type StoreDone } from '../storage/replica-storage';
import { EventHub } from './event-hub';
import { sha256 } from './hash';
import { ReplicaHost } from './replica-host';
import { restoreInto } from './restore-into';
import { Turn } from './turn';

/** A disk that fails at the first write. */
class FailingStorage extends MemoryStorage implements ReplicaStorage {
  override store(_: Store, done: StoreDone): void {
    setImmediate(done, new StorageFailure('no space left on device'));
  }
}

const ALONE = firstEpoch({
  epochNumber: epochNumber(0),
  members: [
    {
      replicaNumber: replicaNumber(0),
      nodeId: 'alone',
      role: 'active',
      peerUrl: '',
      clientUrl: '',
    },
  ],
});

async function startAlone(storage: ReplicaStorage, failures: string[]): Promise<ReplicaHost> {
  const turn = new Turn();
  const self = replicaNumber(0);
  const replica = createReplica({ epoch: ALONE, self, plugins: [], hash: sha256 });
  const host = new ReplicaHost({
    replica,
    storage,
    peers: new MemoryNetwork().channel(self),
    desk: { onAnswer: jest.fn(), onKeptAlive: jest.fn(), onRead: jest.fn() },
    events: new EventHub(turn),
    turn,
    observer: {
      onNote: () => undefined,
      onTurn: () => undefined,
      onReport: () => undefined,
      onFailure: (reason) => failures.push(reason),
    },
  });
  host.start({ kind: 'start', life: await storage.open(restoreInto(replica)) });
  return host;
}

const OPTIONS = {
  disk: new MemoryDisk(),
  self: replicaNumber(0),
  epoch: ALONE,
  mode: 'durable',
} as const;

describe('the host of a replica', () => {
  it('serves alone once its disk has taken the first entry', async () => {
    const failures: string[] = [];
    const host = await startAlone(
      new MemoryStorage({ ...OPTIONS, disk: new MemoryDisk() }),
      failures,
    );
    while (!host.view().serving) await nextTurn();
    expect(host.view()).toMatchObject({ status: 'normal', commitNumber: 1 });
    host.stop();
    expect(failures).toEqual([]);
  });

  it('stops at the first failure of its disk, says so once, and takes no more inputs', async () => {
    const failures: string[] = [];
    const host = await startAlone(new FailingStorage(OPTIONS), failures);
    while (failures.length === 0) await nextTurn();
    const { commitNumber } = host.view();
    host.mailbox.post({ kind: 'tick' });
    await nextTurn();
    expect(failures).toEqual(['the disk failed']);
    expect(host.view().commitNumber).toBe(commitNumber);
  });

  it('stops when an invariant is broken: a life starts once', async () => {
    const failures: string[] = [];
    const storage = new MemoryStorage({ ...OPTIONS, disk: new MemoryDisk() });
    const host = await startAlone(storage, failures);
    while (!host.view().serving) await nextTurn();
    const other = new MemoryStorage({ ...OPTIONS, disk: new MemoryDisk() });
    const life = await other.open(() => undefined);
    host.mailbox.post({ kind: 'start', life });
    await nextTurn();
    await nextTurn();
    expect(failures).toEqual(['an invariant is broken']);
  });
});
