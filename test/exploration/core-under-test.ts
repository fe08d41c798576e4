import type * as CoreModule from '@lockstep/vr-core';
import type {
  ByteString,
  Configuration,
  Epoch,
  EpochNumber,
  Incarnation,
  Limits,
  Member,
  MonotonicMs,
  Now,
  Plugin,
  Promised,
  Replica,
  ReplicaNumber,
  Request,
  RequestNumber,
  ViewNumber,
} from '@lockstep/vr-core';
import type { ReplicaState } from '../../libs/vr-core/src/state/replica-state';
import { SourceLoader } from '../simulation/source-loader';

import { isChanging, type Operation, type World } from './world';

export type Core = typeof CoreModule;

/** Where all clocks begin, and stay in most worlds; a timeout is a tick of a replica that has no patience. */
export const STANDING_MS = 0;

const STEP_MS = 10;

const NEVER_MS = 1e9;

/**
 * Every time is nothing or never, so that what can happen does not depend on time: whoever ticks suspects, and votes are
 * followed at once (the paper's rule; in production less can happen). Only leases take time.
 */
const LIMITS: Partial<Limits> = {
  heartbeatMs: NEVER_MS,
  suspicionMs: 0,
  stickyMs: 0,
  voteMs: NEVER_MS,
  viewChangeMs: 0,
  viewChangeMsMax: 0,
  abdicateMs: NEVER_MS,
  forwardRetryMs: NEVER_MS,
  touchDelayMs: NEVER_MS,
  clockStepMsMax: 0,
  clockDrift: 0,
  leaseMarginMs: 0,
  learnerPollMs: NEVER_MS,
  pipelineMax: 2,
  // The checkpoint of an epoch's start is begun and never done. (ADR 11)
  checkpointPagesPerTick: 0,
};

/** The real core with its service and, in a mutant's world, one error. All that knows how a replica is made is here. */
export class CoreUnderTest {
  readonly core: Core;
  private readonly epoch: Epoch;
  private readonly plugins: readonly Plugin[];
  private readonly limits: Partial<Limits>;
  private readonly operations: readonly Operation[];

  constructor(root: string, world: World) {
    const { members, witnesses, substitutions, operations } = world;
    this.core = new SourceLoader(root, substitutions).load<Core>('libs/vr-core/src/index.ts');
    this.epoch = this.core.firstEpoch(groupOf(members, witnesses));
    this.plugins = [echo(this.core)];
    this.operations = operations;
    this.limits = limitsIn(world);
  }

  create(self: ReplicaNumber): Replica {
    return this.core.createReplica({
      epoch: this.epoch,
      self,
      plugins: this.plugins,
      hash: this.core.fnvHash,
      limits: this.limits,
    });
  }

  /** Of a disk on which nothing was ever written: everyone is in their first life. */
  emptyPromise(): Promised {
    const { configuration } = this.epoch;
    return {
      epochNumber: configuration.epochNumber,
      viewNumber: 0 as ViewNumber,
      incarnations: configuration.members.map(({ replicaNumber }) => ({
        replicaNumber,
        incarnation: 1 as Incarnation,
      })),
      epoch: this.epoch,
    };
  }

  /** A request of this world, by its place. Each is asked for once. */
  request(number: number): Request {
    const operation = this.operations[number - 1];
    if (operation === undefined) throw new RangeError(`there is no operation ${number}`);
    const name = `op ${number}` as ByteString;
    const bytes =
      operation === 'echo' ? new Uint8Array([number]) : this.reconfiguration(operation.reconfigure);
    return {
      name: { kind: 'keyed', keyHash: name },
      principal: 'ann',
      service: operation === 'echo' ? 'echo' : this.core.GROUP,
      operation: bytes,
      requestHash: name,
      ackedBelow: 0 as RequestNumber,
    };
  }

  /** Of epoch 0, to a group of these replicas. */
  private reconfiguration(numbers: readonly number[]): Uint8Array {
    const members = numbers.map((number) => memberOf(number, 'active'));
    const { epochNumber } = this.epoch.configuration;
    return this.core.encodeGroupOperation({ kind: 'reconfigure', epochNumber, members });
  }

  /** After so many steps: the two clocks of a host go together, and with those of all others. */
  now(steps: number): Now {
    const ms = STANDING_MS + steps * STEP_MS;
    return {
      monotonicMs: ms as MonotonicMs,
      wallSeconds: 1_700_000_000,
      wallNanos: ms * 1_000_000,
    };
  }
}

function limitsIn(world: World): Partial<Limits> {
  return {
    ...LIMITS,
    resendMs: saysAgain(world) ? 0 : NEVER_MS,
    // Whom a primary has heard counts for a new group; then whoever has heard a primary follows nobody else.
    stickyMs: isChanging(world) ? NEVER_MS : 0,
    witnessAfterMs: NEVER_MS,
    leaseMs: world.clockMax > 0 ? STEP_MS : 0,
  };
}

/** Hints and questions go out whenever there is a reason; elsewhere hints never, and each question once. */
export function saysAgain(world: Pick<World, 'hints' | 'operations' | 'witnesses'>): boolean {
  return world.hints || world.witnesses > 0 || isChanging(world);
}

function groupOf(size: number, witnesses: number): Omit<Configuration, 'nextReplicaNumber'> {
  const members = Array.from({ length: size }, (_, number) =>
    memberOf(number, number < size - witnesses ? 'active' : 'witness'),
  );
  return { epochNumber: 0 as EpochNumber, members };
}

function memberOf(number: number, role: Member['role']): Member {
  return {
    replicaNumber: number as ReplicaNumber,
    nodeId: `node-${number}`,
    role,
    peerUrl: '',
    clientUrl: '',
  };
}

/** The state behind a replica's face: the explorer must know when two replicas cannot behave differently. */
export function stateOf(replica: Replica): ReplicaState {
  return (replica as unknown as { readonly state: ReplicaState }).state;
}

/** It takes itself for the primary. Counted by the explorer itself: the core's own rule may be the error. */
export function leadsIn({ status, epoch, viewNumber, self }: ReplicaState): boolean {
  const actives = epoch.configuration.members.filter(({ role }) => role === 'active');
  return status === 'normal' && actives[viewNumber % actives.length]?.replicaNumber === self;
}

/** The smallest service: it answers what it was asked, and keeps nothing. */
function echo(core: Core): Plugin {
  return {
    name: 'echo',
    formatVersion: 1,
    create: () => ({
      validate: () => undefined,
      apply: (operation) => core.done(operation),
      read: (query) => core.done(query),
    }),
  };
}
