import {
  decodeEntry,
  fnvHash,
  primaryOf,
  toHex,
  type LogEntry,
  type Message,
  type ReplicaNumber,
  type Store,
} from '@lockstep/vr-core';
import type { Observer } from '../observer';
import type { ObservedHost } from '../observed-host';
import { holds } from '../violation';
import { viewstampKey } from '../viewstamp-key';
import type { CommittedLog } from './committed-log';

type Prepare = Extract<Message, { kind: 'Prepare' }>;
type StartView = Extract<Message, { kind: 'StartView' }>;
type DoViewChange = Extract<Message, { kind: 'DoViewChange' }>;
type Acknowledgement = Extract<Message, { kind: 'PrepareOk' | 'CommitOk' }>;

/** Said only by a replica that has entered the view of the header, and may not say less later. */
const BINDING: ReadonlySet<Message['kind']> = new Set([
  'Prepare',
  'PrepareOk',
  'Commit',
  'CommitOk',
  'DoViewChange',
  'StartView',
  'RecoveryResponse',
  'NewState',
]);

/** What a replica says must be true, and must stay true when it crashes in the next instant. (I10, G2, G3, G9) */
export class MessageRules implements Observer {
  private readonly committed: CommittedLog;
  /** Entries by the bytes that travel. */
  private readonly entries = new WeakMap<Uint8Array, LogEntry>();
  private readonly highestSaid = new Map<string, number>();
  private readonly preparers = new Map<number, ReplicaNumber>();
  private readonly prepared = new Map<number, Map<number, string>>();
  private readonly doViewChanges = new Map<string, string>();

  constructor(committed: CommittedLog) {
    this.committed = committed;
  }

  store(_host: ObservedHost, { log }: Store): void {
    for (const entry of log?.entries ?? []) this.entries.set(entry.encoded, entry);
  }

  send(host: ObservedHost, to: ReplicaNumber, message: Message): void {
    holds(
      'messages',
      message.replicaNumber === host.self && to !== host.self,
      () => `replica ${host.self} sends ${message.kind} as ${message.replicaNumber} to ${to}`,
    );
    if (!BINDING.has(message.kind)) return;
    this.checkView(host, message);
    switch (message.kind) {
      case 'Prepare':
        return this.checkPrepare(host, message);
      case 'PrepareOk':
      case 'CommitOk':
        return checkAcknowledgement(host, message);
      case 'StartView':
        return this.checkStartView(host, message);
      case 'DoViewChange':
        return this.checkDoViewChange(host, message);
      default:
    }
  }

  private checkView(host: ObservedHost, message: Message): void {
    const { kind } = message;
    const viewNumber = viewstampKey(message);
    const promised = viewstampKey(host.disk.durable.promise);
    holds(
      'I10 promise before message',
      viewNumber <= promised,
      () =>
        `replica ${host.self} sends ${kind} of view ${viewNumber}, its disk promises ${promised}`,
    );
    // Who has lost its whole disk may come back into an older view: nothing that it said in a later one counts. (ADR 10)
    const whose = `${host.self}/${host.disk.wipes}`;
    const highest = this.highestSaid.get(whose) ?? 0;
    holds(
      'G9 views never go back',
      viewNumber >= highest,
      () => `replica ${host.self} sends ${kind} of view ${viewNumber} after it spoke in ${highest}`,
    );
    this.highestSaid.set(whose, viewNumber);
  }

  private checkPrepare(host: ObservedHost, prepare: Prepare): void {
    const { entry } = prepare;
    const viewNumber = viewstampKey(prepare);
    const preparer = this.preparers.get(viewNumber) ?? host.self;
    this.preparers.set(viewNumber, preparer);
    holds(
      'G3 one primary a view',
      preparer === host.self && this.primaryOf(prepare) === host.self,
      () => `replicas ${preparer} and ${host.self} prepare in view ${viewNumber}`,
    );
    const { opNumber, hash } = this.entries.get(entry) ?? decodeEntry(entry, fnvHash);
    const hashes = this.prepared.get(viewNumber) ?? new Map<number, string>();
    if (hashes.size === 0) this.prepared.set(viewNumber, hashes);
    const earlier = hashes.get(opNumber) ?? hash;
    hashes.set(opNumber, earlier);
    holds(
      'G3 one entry a place',
      earlier === hash,
      () => `replica ${host.self} prepares two entries as op ${opNumber} of view ${viewNumber}`,
    );
  }

  private checkStartView(host: ObservedHost, message: StartView): void {
    const { viewNumber, opNumber, headHash } = message;
    const before = this.committed.committedBefore(message);
    const canonical = this.committed.entries[before - 1];
    const { asked } = host.disk;
    holds(
      'G2 a view starts with what is committed',
      opNumber >= before && (canonical === undefined || asked.holds(before, canonical.hash)),
      () => `view ${viewNumber} starts at replica ${host.self} without op ${before}`,
    );
    holds(
      'messages',
      asked.hashAt(opNumber) === headHash,
      () => `replica ${host.self} sends StartView with a head that is not its own`,
    );
  }

  private checkDoViewChange(host: ObservedHost, message: DoViewChange): void {
    const { viewNumber, lastNormalView, opNumber, headHash, commitNumber } = message;
    const place = `${host.self}/${host.disk.incarnation}/${viewstampKey(message)}`;
    const content = `${viewstampKey(lastNormalView)}/${opNumber}/${toHex(headHash)}/${commitNumber}`;
    const earlier = this.doViewChanges.get(place) ?? content;
    this.doViewChanges.set(place, earlier);
    holds(
      'I10 one DoViewChange a view',
      earlier === content,
      () => `replica ${host.self} says ${content} for view ${viewNumber} after ${earlier}`,
    );
  }

  private primaryOf({ epochNumber, viewNumber }: Prepare): ReplicaNumber | undefined {
    const configuration = this.committed.configurations[epochNumber];
    return configuration && primaryOf(configuration, viewNumber);
  }
}

/** "I hold every op up to n": in mode `durable` the disk must say the same. */
function checkAcknowledgement(host: ObservedHost, message: Acknowledgement): void {
  const { disk } = host;
  const log = disk.plan.mode === 'durable' ? disk.durable.log : disk.asked;
  const { kind, opNumber, entryHash } = message;
  if (opNumber === 0) return;
  holds(
    'I10 stored before acknowledged',
    log.hashAt(opNumber) === entryHash,
    () => `replica ${host.self} sends ${kind} of op ${opNumber}, which it does not hold`,
  );
}
