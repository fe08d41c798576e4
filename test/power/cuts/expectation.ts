import type { Life, Store } from '@lockstep/vr-core';
import { replicaNumber } from '@lockstep/vr-core';
import { MemoryDisk, MemoryStorage } from '../../../apps/server/src/storage/memory-storage';
import type { DurabilityMode } from '../../../apps/server/src/storage/replica-storage';
import { EPOCH, openedWith, stored } from '../../server/storage-fixture';
import type { Script } from './script';

/** What a start finds, as one text: equal texts, equal finds. The incarnation is left out, for every start has another. */
export function findOf(
  { life, pages }: Awaited<ReturnType<typeof openedWith>>,
  mode: DurabilityMode,
): string {
  const { epochNumber, viewNumber, incarnations } = life.promise;
  const others = incarnations.filter(({ replicaNumber: number }) => number !== SELF);
  return JSON.stringify({
    promise: [epochNumber, viewNumber],
    others: others.map(({ replicaNumber: of, incarnation }) => [of, incarnation]).sort(),
    // Once the log of a lost promise is back, the twin of files in mode `replicated` knows it a promise earlier.
    promiseLost: mode === 'durable' && life.promiseLost,
    log: logOf(life.log),
    pages: Object.entries(pages).sort(),
  });
}

const SELF = replicaNumber(1);

function logOf(log: Life['log']): object {
  if (log.kind !== 'intact') return log;
  const { lastNormalView, commitNumber, base, witnessBase, entries, beyond } = log;
  return {
    lastNormalView: [lastNormalView.epochNumber, lastNormalView.viewNumber],
    commitNumber,
    base: base.opNumber,
    witnessBase,
    entries: entries.map(({ hash }) => Buffer.from(hash, 'latin1').toString('base64')),
    beyond: beyond.length,
    checkpoint: log.checkpoint?.opNumber,
    stateWhole: log.stateWhole,
  };
}

/** What may be found when the power goes after a step and before the next is asked for. */
export interface Expectation {
  readonly find: string;
  /** The same with the promise of this step's store and nothing else of it. (E43) */
  readonly promiseAhead: string | undefined;
}

/**
 * By the memory twin, step by step: opens, stores, closes. The first is the disk before everything. That the power went
 * means nothing to the twin: what it was asked is done.
 */
export async function expectationsOf({ mode, recover, lives }: Script): Promise<Expectation[]> {
  let disk = new MemoryDisk();
  if (recover) disk.mayStartFresh = false;
  const storageOn = (on: MemoryDisk) =>
    new MemoryStorage({ disk: on, self: SELF, epoch: EPOCH, mode, recover });
  const find = async (on = disk) => findOf(await openedWith(storageOn(on.copy())), mode);
  const expectations: Expectation[] = [{ find: await find(), promiseAhead: undefined }];
  const expect = async (promiseAhead?: string) =>
    void expectations.push({ find: await find(), promiseAhead });
  const ahead = async ({ promise }: Store) =>
    promise === undefined ? undefined : find(Object.assign(disk.copy(), { promised: promise }));
  for (const { bursts, closes } of lives) {
    disk = disk.copy();
    const storage = storageOn(disk);
    await openedWith(storage);
    await expect();
    for (const store of bursts.flat()) {
      const promiseAhead = await ahead(store);
      await stored(storage, store);
      await expect(promiseAhead);
    }
    if (!closes) continue;
    await storage.close();
    await expect();
  }
  return expectations;
}
