import {
  compareViewstamps,
  GENESIS,
  Malformed,
  opNumber,
  type ByteString,
  type Execution,
  type LogEntry,
  type LogPlace,
} from '@lockstep/vr-core';
import { readPages } from '../storage/stored-pages';
import { emptyExecution } from './load-state';
import type { Survivor, SurvivingLog } from './survivor';

/** A survivor with a log that can be read. */
export type Readable = Survivor & { readonly log: SurvivingLog };

/** The state that the survivors make together. */
export interface SurvivingState {
  readonly execution: Execution;
  /** Whose log it is. */
  readonly best: Readable;
  readonly place: LogPlace;
  /** Whose logs were better and could not be completed, and why. */
  readonly passedOver: readonly string[];
}

export const readable = (survivors: readonly Survivor[]): readonly Readable[] =>
  survivors.filter((one): one is Readable => one.log !== undefined);

/** The order in which a view change would choose: the latest v', then the longest. (VRR §4.2, step 3; D9) */
export const byWorth = (survivors: readonly Readable[]): readonly Readable[] =>
  [...survivors].sort(
    (a, b) =>
      compareViewstamps(b.log.lastNormalView, a.log.lastNormalView) ||
      b.log.head.opNumber - a.log.head.opNumber,
  );

/**
 * The state after the head of the best log. Entries are proved by the hashes that later ones name, states by their root:
 * what one survivor lacks may come from any other. Undefined when no log can be joined to a state.
 */
export async function makeState(
  survivors: readonly Readable[],
): Promise<SurvivingState | undefined> {
  const pool = new Map<ByteString, LogEntry>();
  for (const { log } of survivors) for (const entry of log.entries) pool.set(entry.hash, entry);
  const passedOver: string[] = [];
  for (const best of byWorth(survivors)) {
    for (const source of statesBelow(best, survivors)) {
      const path = pathTo(best.log.head, source.place, pool);
      const execution = path && (await stateOf(source));
      if (path === undefined || execution === undefined) continue;
      for (const entry of path) execution.execute(entry);
      return { execution, best, place: best.log.head, passedOver };
    }
    passedOver.push(
      `${best.folder}: entries or pages below op ${best.log.head.opNumber} are missing`,
    );
  }
  return undefined;
}

interface StateSource {
  readonly place: LogPlace;
  /** Undefined: the state of an empty log. */
  readonly from: Readable | undefined;
}

/** The nearest first: the fewest entries are needed then. */
function statesBelow({ log }: Readable, survivors: readonly Readable[]): readonly StateSource[] {
  const sources: StateSource[] = [{ place: GENESIS, from: undefined }];
  for (const from of survivors) {
    const { checkpoint } = from.log.checkpoint ?? {};
    if (checkpoint === undefined || checkpoint.opNumber > log.head.opNumber) continue;
    sources.push({ place: { opNumber: checkpoint.opNumber, hash: checkpoint.headHash }, from });
  }
  return sources.sort((a, b) => b.place.opNumber - a.place.opNumber);
}

/** The entries after `from` up to `to`, oldest first; undefined when one is missing. */
function pathTo(
  to: LogPlace,
  from: LogPlace,
  pool: ReadonlyMap<ByteString, LogEntry>,
): readonly LogEntry[] | undefined {
  const path: LogEntry[] = [];
  let at: LogPlace = to;
  while (at.opNumber > from.opNumber) {
    const entry = pool.get(at.hash);
    if (entry?.opNumber !== at.opNumber) return undefined;
    path.push(entry);
    at = { opNumber: opNumber(entry.opNumber - 1), hash: entry.parentHash };
  }
  return at.hash === from.hash ? path.reverse() : undefined;
}

/** Undefined when the pages are not whole. */
async function stateOf({ from, place }: StateSource): Promise<Execution | undefined> {
  const execution = emptyExecution();
  const checkpoint = from?.log.checkpoint?.checkpoint;
  if (from === undefined || checkpoint === undefined) return execution;
  execution.suspend();
  try {
    const { stateWhole } = await readPages(from.log.file, place.opNumber, (pages) => {
      for (const { table, page, bytes } of pages) execution.store.loadPage(table, page, bytes);
    });
    if (!stateWhole || execution.store.rebuild() !== checkpoint.stateRoot) return undefined;
  } catch (fault) {
    if (fault instanceof Malformed) return undefined;
    throw fault;
  }
  execution.reload();
  return execution;
}
