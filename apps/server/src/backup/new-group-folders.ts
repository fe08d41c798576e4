import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import {
  beginGeneration,
  epochNumber as firstEpochNumber,
  GENESIS,
  opNumber,
  replicaNumber,
  viewNumber,
  type BegunGeneration,
  type EpochNumber,
  type Execution,
  type LogPlace,
  type Member,
  type Store,
  type StoredPage,
} from '@lockstep/vr-core';
import type { GroupOrigin, ReplicaIdentity } from '../config/replica-config';
import { replicaFolder } from '../group-folder/group';
import { newNodesAt, type Place } from '../group-folder/init-group';
import { makeReplicaFolder } from '../group-folder/replica-folder';
import { sha256 } from '../replica-host/hash';
import { FileStorage } from '../storage/file-storage';
import { syncFolder } from '../storage/folder';
import type { DurabilityMode } from '../storage/replica-storage';

/** What becomes of a state: the group that takes it over. */
export interface TakeOver {
  /** Empty. */
  readonly folder: string;
  readonly mode: DurabilityMode;
  readonly places: readonly Place[];
  readonly groupId: string;
  /** In hexadecimal, as the file `secret` has it. */
  readonly secret: string;
  readonly generation: number;
  readonly execution: Execution;
  readonly after: LogPlace;
  readonly epochNumber: EpochNumber;
  readonly origin: GroupOrigin;
}

const PAGES_PER_STORE = 64;

/**
 * Makes the folders of a group that begins with a state: each has the same checkpoint, an empty log behind it, and a
 * promise in the new epoch. They start as after a clean stop. They appear last to first, as those of any new group.
 */
export async function makeGroupFolders(wanted: TakeOver): Promise<readonly ReplicaIdentity[]> {
  const { folder: top, mode, places, groupId, secret, generation, origin } = wanted;
  const members = newNodesAt(places).map((member, place): Member => ({
    replicaNumber: replicaNumber(place),
    ...member,
  }));
  const begun = begin(wanted, members);
  const identities = members.map((member): ReplicaIdentity => ({
    groupId,
    nodeId: member.nodeId,
    replicaNumber: member.replicaNumber,
    generation,
    mode,
    url: member.clientUrl,
    epoch: begun.epoch,
    addresses: {},
    origin,
  }));
  // All are whole before the first of them has its name.
  for (const identity of identities.toReversed()) {
    const folder = unfinished(top, identity.replicaNumber);
    await makeReplicaFolder(folder, identity, `${secret}\n`);
    await fill(folder, identity, wanted.execution, begun);
  }
  for (const { replicaNumber: number } of identities.toReversed()) {
    await rename(unfinished(top, number), replicaFolder(top, number));
    await syncFolder(top);
  }
  return identities;
}

const unfinished = (folder: string, number: number): string => join(folder, `unfinished-${number}`);

function begin(
  { execution, generation, after, epochNumber }: TakeOver,
  members: readonly Member[],
): BegunGeneration {
  const wall = { seconds: Math.floor(Date.now() / 1000), nanos: 0 };
  return beginGeneration(execution, { generation, members, after, epochNumber, wall }, sha256);
}

/** As if the replica had worked there: what it has is written by the code that writes it ever after. */
async function fill(
  folder: string,
  identity: ReplicaIdentity,
  execution: Execution,
  { epoch, checkpoint }: BegunGeneration,
): Promise<void> {
  const { groupId, nodeId, generation, mode } = identity;
  const self = replicaNumber(identity.replicaNumber);
  const storage = new FileStorage({
    ...{ folder, groupId, nodeId, generation, self, epoch, mode },
    ...{ hash: sha256, recover: false },
  });
  await storage.open(() => undefined);
  const place = { opNumber: checkpoint.opNumber, hash: checkpoint.headHash };
  const { members } = epoch.configuration;
  const isWitness = members.find((member) => member.nodeId === nodeId)?.role === 'witness';
  const stores = new Stores(storage);
  if (!isWitness)
    for (const pages of portions(execution.store.pages()))
      await stores.add({ pages: { forOp: checkpoint.opNumber, pages, isTransfer: true } });
  await stores.add({
    ...(!isWitness && { checkpoint }),
    log: { afterOp: place.opNumber, entries: [] },
    base: place,
    witnessBase: members.some(({ role }) => role === 'witness') ? place.opNumber : opNumber(0),
    lastNormalView: { epochNumber: epoch.configuration.epochNumber, viewNumber: viewNumber(0) },
    commitNumber: place.opNumber,
  });
  await storage.close();
}

/** Stores one after the other, each durable before the next. */
class Stores {
  private readonly storage: FileStorage;
  private storeNumber = 0;

  constructor(storage: FileStorage) {
    this.storage = storage;
  }

  add(change: Partial<Store>): Promise<void> {
    this.storeNumber += 1;
    const store: Store = { ...NOTHING, ...change, storeNumber: this.storeNumber };
    return new Promise((resolve, reject) => {
      this.storage.store(store, (failure) => {
        if (failure === undefined) resolve();
        else reject(failure);
      });
    });
  }
}

/** What a folder says that nobody has used. */
const NOTHING: Omit<Store, 'storeNumber'> = {
  promise: undefined,
  log: undefined,
  pages: undefined,
  checkpoint: undefined,
  base: GENESIS,
  witnessBase: opNumber(0),
  lastNormalView: { epochNumber: firstEpochNumber(0), viewNumber: viewNumber(0) },
  commitNumber: opNumber(0),
};

function* portions(pages: Iterable<StoredPage>): Generator<readonly StoredPage[]> {
  let some: StoredPage[] = [];
  for (const page of pages) {
    some.push(page);
    if (some.length < PAGES_PER_STORE) continue;
    yield some;
    some = [];
  }
  if (some.length > 0) yield some;
}
