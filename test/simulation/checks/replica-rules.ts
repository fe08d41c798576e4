import type { Limits, ReplicaView, Store, Viewstamp } from '@lockstep/vr-core';
import type { Observer } from '../observer';
import type { ObservedHost } from '../observed-host';
import { holds } from '../violation';
import { viewstampKey } from '../viewstamp-key';
import type { CommittedLog } from './committed-log';

/** What each replica shows of itself, step by step. (I1-I6, I14, G9) */
export class ReplicaRules implements Observer {
  private readonly committed: CommittedLog;
  private readonly limits: Limits;
  private readonly last = new Map<number, ReplicaView>();
  /** At a primary: its log's head when its view became normal. */
  private readonly inherited = new Map<number, number>();
  private readonly logViews = new Map<number, number>();

  constructor(committed: CommittedLog, limits: Limits) {
    this.committed = committed;
    this.limits = limits;
  }

  started(host: ObservedHost): void {
    this.last.delete(host.self);
    this.logViews.delete(host.self);
  }

  halted(host: ObservedHost, reason: string): void {
    holds('no replica stops by itself', false, () => `replica ${host.self} halted: ${reason}`);
  }

  store(host: ObservedHost, { log, lastNormalView }: Store): void {
    const logView = this.logViews.get(host.self) ?? 0;
    holds(
      'I3 never back',
      viewstampKey(lastNormalView) >= logView,
      () => `replica ${host.self} stores lnv ${lastNormalView.viewNumber} after ${logView}`,
    );
    this.logViews.set(host.self, viewstampKey(lastNormalView));
    if (log) this.checkChain(host, log);
  }

  stepped(host: ObservedHost, view: ReplicaView): void {
    const before = this.last.get(host.self);
    this.checkNumbers(host, view);
    if (before !== undefined) this.checkForward(host, before, view);
    this.checkBounds(host, before, view);
    this.last.set(host.self, view);
  }

  private checkNumbers(host: ObservedHost, view: ReplicaView): void {
    const { executedNumber, commitNumber, opNumber, storedNumber, status } = view;
    holds(
      'I1 executed <= commit, op',
      // A backup may know of a commit before it holds the entry. (E44; decision 26)
      executedNumber <= commitNumber && executedNumber <= opNumber && storedNumber <= opNumber,
      () =>
        `replica ${host.self} has executed ${executedNumber}, commit ${commitNumber}, ` +
        `stored ${storedNumber}, op ${opNumber}`,
    );
    const viewNumber = viewstampKey(view);
    const lastNormal = viewstampKey(view.lastNormalView);
    holds(
      'I2 last normal view',
      lastNormal <= viewNumber && (status !== 'normal' || lastNormal === viewNumber),
      () => `replica ${host.self} is ${status} in view ${viewNumber}, last normal in ${lastNormal}`,
    );
    holds(
      'G9 views never go back',
      viewNumber >= viewstampKey(host.disk.durable.promise),
      () => `replica ${host.self} is in view ${viewNumber}, below its promise`,
    );
    const { asked } = host.disk;
    holds(
      'stores follow the log',
      asked.wholeAfter(view.baseNumber) === opNumber,
      () => `replica ${host.self} has op ${opNumber}, stores say ${asked.opNumber}`,
    );
  }

  private checkForward(host: ObservedHost, before: ReplicaView, view: ReplicaView): void {
    holds(
      'I3 never back',
      compare(view, before) >= 0 &&
        compare(view.lastNormalView, before.lastNormalView) >= 0 &&
        view.commitNumber >= before.commitNumber &&
        view.executedNumber >= before.executedNumber,
      () =>
        `replica ${host.self} went back from view ${before.viewNumber} commit ${before.commitNumber} executed ${before.executedNumber} to view ${view.viewNumber} commit ${view.commitNumber} executed ${view.executedNumber}`,
    );
  }

  /** Queues are bounded, and so is what is prepared and not committed. */
  private checkBounds(
    host: ObservedHost,
    before: ReplicaView | undefined,
    view: ReplicaView,
  ): void {
    const { queueRequestsMax, parkedMax, pipelineMax } = this.limits;
    holds(
      'I14 bounded queues',
      view.queued <= queueRequestsMax && view.parked <= parkedMax,
      () => `replica ${host.self} has ${view.queued} queued and ${view.parked} parked`,
    );
    if (view.status !== 'normal' || view.primary !== host.self) return;
    if (before?.status !== 'normal' || before.viewNumber !== view.viewNumber) {
      this.inherited.set(host.self, view.opNumber);
    }
    const from = Math.max(view.commitNumber, this.inherited.get(host.self) ?? 0);
    const { endsEpoch = false } = host.disk.asked.at(view.opNumber) ?? {};
    holds(
      'I6 bounded pipeline',
      // The last entry of an epoch waits for nobody.
      view.opNumber - from <= pipelineMax + (endsEpoch ? 1 : 0),
      () => `replica ${host.self} has ${view.opNumber - from} entries in flight`,
    );
  }

  private checkChain(host: ObservedHost, log: NonNullable<Store['log']>): void {
    const { asked } = host.disk;
    let parent = asked.hashAt(log.afterOp);
    for (const entry of log.entries) {
      holds(
        'I5 hash chain',
        parent === undefined || entry.parentHash === parent,
        () => `replica ${host.self} stores op ${entry.opNumber} on another predecessor`,
      );
      parent = entry.hash;
    }
    const end = Math.min(asked.opNumber, this.committed.length);
    for (let op = log.afterOp + 1; op <= end; op += 1) {
      const own = asked.at(op);
      if (own === undefined || own.hash !== this.committed.entries[op - 1]?.hash) return;
      const next = log.entries[op - log.afterOp - 1];
      holds(
        'G4 durability',
        next?.hash === own.hash,
        () => `replica ${host.self} drops op ${op} from its log, which is committed`,
      );
    }
  }
}

function compare(a: Viewstamp, b: Viewstamp): number {
  return a.epochNumber - b.epochNumber || a.viewNumber - b.viewNumber;
}
