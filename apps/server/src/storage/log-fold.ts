import {
  epochNumber,
  GENESIS,
  opNumber,
  viewNumber,
  type ByteString,
  type LogEntry,
  type LogPlace,
  type OpNumber,
  type Viewstamp,
} from '@lockstep/vr-core';
import type { Flush, LogSegment } from './flush-row';

/** What was written cannot be told any more: nothing of the log may be used. (E42) */
export class DamagedLog extends Error {
  override readonly name = 'DamagedLog';
}

/** The log that flushes make, taken together. */
export interface FoldedLog {
  readonly base: LogPlace;
  /** After the base, up to the head or to the first that is damaged. */
  readonly entries: readonly LogEntry[];
  /** Those after the first that is damaged, the head among them. (E42) */
  readonly beyond: readonly LogEntry[];
  readonly lastNormalView: Viewstamp;
  readonly commitNumber: OpNumber;
  readonly witnessBase: OpNumber;
  readonly checkpointOp: OpNumber;
}

/**
 * Folds flushes, the oldest first, into the log they make. A flush that is damaged leaves a hole: what it appended and
 * what it dropped are unknown, and of the entries before it only the committed ones are certain to be still meant. The
 * others come back when a later entry names them by hash; the rest is had again from the group. (E42)
 */
export class LogFold {
  private readonly entries = new Map<OpNumber, LogEntry>();
  /** Entries that may or may not be part of the log. */
  private readonly uncertain = new Map<ByteString, LogEntry>();
  /** Undefined before the first flush and after one that is damaged. */
  private head: OpNumber | undefined;
  private base = GENESIS;
  private lastNormalView: Viewstamp = { epochNumber: epochNumber(0), viewNumber: viewNumber(0) };
  private commitNumber = opNumber(0);
  private witnessBase = opNumber(0);
  private checkpointOp = opNumber(0);

  /** Throws `DamagedLog` when the flush does not join what is there. */
  take(flush: Flush): void {
    for (const segment of flush.segments) this.replaceAfter(segment, flush.base.opNumber);
    this.raiseBase(flush.base);
    if (this.head !== undefined && this.head !== flush.headOp)
      throw new DamagedLog(`the log ends at op ${this.head}; its end was op ${flush.headOp}`);
    this.head = flush.headOp;
    this.lastNormalView = flush.lastNormalView;
    this.commitNumber = flush.commitNumber;
    this.witnessBase = flush.witnessBase;
    this.checkpointOp = flush.checkpointOp;
  }

  /** A flush is missing or damaged; `salvaged` are entries that could be read of it. */
  skip(salvaged: readonly LogEntry[]): void {
    this.head = undefined;
    for (const [op, entry] of this.entries) {
      if (op <= this.commitNumber) continue;
      this.entries.delete(op);
      this.uncertain.set(entry.hash, entry);
    }
    for (const entry of salvaged) this.uncertain.set(entry.hash, entry);
  }

  /** Throws `DamagedLog` when the end of the log is not known, or the rest contradicts itself. */
  result(): FoldedLog {
    const { base, lastNormalView, commitNumber, witnessBase, checkpointOp } = this;
    const head = this.knownHead();
    this.fillHoles(head);
    const entries: LogEntry[] = [];
    const beyond: LogEntry[] = [];
    let before: LogEntry | undefined;
    for (let op = base.opNumber + 1; op <= head; op += 1) {
      const entry = this.entries.get(opNumber(op));
      if (entry !== undefined) {
        this.expectJoin(entry, before);
        (entries.length === op - base.opNumber - 1 ? entries : beyond).push(entry);
      }
      before = entry;
    }
    return {
      base,
      entries,
      beyond,
      lastNormalView,
      commitNumber,
      witnessBase,
      checkpointOp,
    };
  }

  private replaceAfter({ afterOp, entries }: LogSegment, baseOp: OpNumber): void {
    if (this.head !== undefined && afterOp > this.head && afterOp > baseOp)
      throw new DamagedLog(`op ${afterOp + 1} stands after op ${this.head}`);
    this.cutAfter(afterOp);
    let op = afterOp;
    for (const entry of entries) {
      op = opNumber(op + 1);
      if (entry.opNumber !== op)
        throw new DamagedLog(`op ${entry.opNumber} stands in the place of op ${op}`);
      this.entries.set(op, entry);
    }
    this.head = op;
  }

  private cutAfter(op: OpNumber): void {
    if (this.head !== undefined) {
      for (let at = this.head; at > op; at = opNumber(at - 1)) this.entries.delete(at);
    } else {
      for (const at of this.entries.keys()) if (at > op) this.entries.delete(at);
    }
  }

  private raiseBase(base: LogPlace): void {
    if (base.opNumber > this.base.opNumber)
      for (const op of this.entries.keys()) if (op <= base.opNumber) this.entries.delete(op);
    this.base = base;
    if (this.head !== undefined && this.head < base.opNumber) this.head = base.opNumber;
  }

  private knownHead(): OpNumber {
    const { head, base } = this;
    if (head === undefined || (head > base.opNumber && !this.entries.has(head)))
      throw new DamagedLog('the end of the log is damaged');
    return head;
  }

  /** Downwards: an entry names its predecessor by hash. */
  private fillHoles(head: OpNumber): void {
    if (this.uncertain.size === 0) return;
    for (let op = head - 1; op > this.base.opNumber; op -= 1) {
      const next = this.entries.get(opNumber(op + 1));
      if (next === undefined || this.entries.has(opNumber(op))) continue;
      const entry = this.uncertain.get(next.parentHash);
      if (entry?.opNumber === op) this.entries.set(entry.opNumber, entry);
    }
  }

  private expectJoin(entry: LogEntry, before: LogEntry | undefined): void {
    const { base } = this;
    const parent = entry.opNumber === base.opNumber + 1 ? base.hash : before?.hash;
    if (parent !== undefined && entry.parentHash !== parent)
      throw new DamagedLog(`op ${entry.opNumber} does not continue op ${entry.opNumber - 1}`);
  }
}
