import type { Moment } from '../execution/moment';
import type { Tables } from '../service/tables';
import {
  done,
  refused,
  type ApplyContext,
  type Outcome,
  type StateMachine,
} from '../service/state-machine';
import type { Configuration } from '../state/configuration';
import type { LogEntry } from '../state/log-entry';
import { replicaNumber } from '../numbers/numbers';
import { EpochTable } from './epoch-table';
import { GroupVersion } from './group-version';
import { JoinerTable } from './joiner-table';
import {
  decodeGroupOperation,
  decodeGroupQuery,
  encodeGroupAnswer,
  encodeGroupOutcome,
  type GroupOperation,
} from './operations';

/**
 * The group as a service: which epochs there have been, and a checkpoint when it is asked for. A reconfiguration is
 * decided by the primary before it enters the log; what is executed here is that it has been. (VRR §7.1: no up-call)
 */
export class GroupService implements StateMachine {
  private readonly epochs: EpochTable;
  private readonly joiners: JoinerTable;
  private readonly version: GroupVersion;
  private readonly moment: Moment;

  constructor(tables: Tables, moment: Moment) {
    this.epochs = new EpochTable(tables);
    this.joiners = new JoinerTable(tables);
    this.version = new GroupVersion(tables);
    this.moment = moment;
  }

  /** The entry that is being executed is the last of its epoch. */
  begin(configuration: Configuration, { opNumber, clusterMs, wallSeconds }: LogEntry): void {
    this.epochs.add({ configuration, startOp: opNumber, clusterMs, wallSeconds });
    this.joiners.begin(configuration);
  }

  /** The group is another one, made of this state: who would have joined the old one knows nothing of it. */
  beginGeneration(configuration: Configuration, entry: LogEntry): void {
    this.joiners.clear();
    this.begin(configuration, entry);
  }

  /** What is replicated is written as this version says. (ADR 22) */
  get groupVersion(): number {
    return this.version.current;
  }

  validate(operation: Uint8Array): void {
    decodeGroupOperation(operation);
  }

  apply(bytes: Uint8Array, context: ApplyContext): Outcome {
    const operation = decodeGroupOperation(bytes);
    switch (operation.kind) {
      case 'reconfigure':
        return this.reconfigured(context);
      case 'checkpoint':
        return this.checkpoint(context);
      case 'join':
        return this.join(operation);
      case 'raise-version':
        return this.raise(operation.version);
    }
  }

  read(bytes: Uint8Array): Outcome {
    const query = decodeGroupQuery(bytes);
    if (query.kind === 'configuration') {
      return done(encodeGroupAnswer({ kind: 'configuration', epoch: this.epochs.newest }));
    }
    if (query.kind === 'joiners') {
      return done(encodeGroupAnswer({ kind: 'joiners', joiners: this.joiners.all() }));
    }
    const epochs = this.epochs.after(query.after, query.limit);
    const newest = this.epochs.newest?.configuration.epochNumber ?? 0;
    const last = epochs.at(-1)?.configuration.epochNumber ?? newest;
    return done(encodeGroupAnswer({ kind: 'epochs', epochs, more: last < newest }));
  }

  /** Its own entry carries the new group; anywhere else it comes too late. */
  private reconfigured({ opNumber }: ApplyContext): Outcome {
    const { newest } = this.epochs;
    if (newest?.startOp !== opNumber) {
      return refused(encodeGroupOutcome({ kind: 'refused', objections: ['another-epoch'] }));
    }
    const { epochNumber } = newest.configuration;
    return done(encodeGroupOutcome({ kind: 'accepted', epochNumber }));
  }

  private checkpoint({ opNumber }: ApplyContext): Outcome {
    this.moment.checkpointAsked = true;
    return done(encodeGroupOutcome({ kind: 'checkpoint-taken', opNumber }));
  }

  /** With a checkpoint: an older program finds it in the state, before it touches the log. */
  private raise(version: number): Outcome {
    if (!this.version.raise(version))
      return refused(encodeGroupOutcome({ kind: 'refused', objections: ['not-next-version'] }));
    this.moment.checkpointAsked = true;
    return done(encodeGroupOutcome({ kind: 'version-raised', version }));
  }

  private join(operation: Extract<GroupOperation, { kind: 'join' }>): Outcome {
    const { nodeId, role, peerUrl, clientUrl, nextReplicaNumber } = operation;
    const known = this.epochs.newest?.configuration.nextReplicaNumber ?? replicaNumber(0);
    const lowest = known > nextReplicaNumber ? known : nextReplicaNumber;
    const number = this.joiners.admit({ nodeId, role, peerUrl, clientUrl }, lowest);
    return done(encodeGroupOutcome({ kind: 'joined', replicaNumber: number }));
  }
}
