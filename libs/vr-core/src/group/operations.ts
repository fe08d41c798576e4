import {
  bool,
  counter,
  decode,
  encode,
  integer,
  list,
  optional,
  struct,
  union,
  word,
  type ShapeOf,
} from '../encoding/shape';
import { configurationShape, memberFields, memberShape } from '../messages/configuration';
import { GROUP_SIZE_MAX } from '../messages/header';
import type { ClusterMs, EpochNumber, OpNumber, ReplicaNumber } from '../numbers/numbers';

export const GROUP = 'group';

export const EPOCH_LIST_MAX = 100;

/** Nodes that have asked to join and are no members, at most: the oldest are forgotten. */
export const JOINERS_MAX = 64;

const { replicaNumber: _, ...joinerFields } = memberFields;

/** Operations of the service `group`: they are about the group itself. */
export const groupOperation = union({
  /** ⟨RECONFIGURATION e, new-config⟩: the whole new group, in the order of its primaries. (VRR §7.1) */
  reconfigure: struct({
    /** The epoch that the client knows: a request about another one is refused. */
    epochNumber: counter<EpochNumber>(),
    members: list(memberShape, GROUP_SIZE_MAX),
  }),
  /** A checkpoint now. (decision 19) */
  checkpoint: struct({}),
  /**
   * A node asks for a replica-number of its own, to follow the group and perhaps become a member: it speaks to replicas
   * by that number before it is one. Asked again it has the same. (VRR §7.5; E33)
   */
  join: struct({
    ...joinerFields,
    /** What the door knows: no number below this has been free since. */
    nextReplicaNumber: counter<ReplicaNumber>(),
  }),
  /** Every member runs a program that knows this version: the group works at it from here on. (ADR 22) */
  'raise-version': struct({ version: integer(1) }),
});
export type GroupOperation = ShapeOf<typeof groupOperation>;
export type Reconfigure = Omit<Extract<GroupOperation, { kind: 'reconfigure' }>, 'kind'>;

/** Why a group is not taken. The first group is final, the second may pass with time. */
export const objection = word(
  'another-epoch', // the epoch has ended
  'under-way', // another reconfiguration is
  'group-size', // three to nine; one only where there is one
  'repeated-node', // a node id, number or url stands there twice
  'changed-number', // a member's number and node id belong together for ever
  'used-number', // of a replica that was a member once, or was passed over
  'witness-count', // witnesses are as many as may fail, and the group's size is odd
  'epoch-not-started', // the last reconfiguration is not finished
  'not-warm', // a new replica has not followed the log up to its end
  'too-few-heard', // the new group would have no quorum
  'not-next-version', // versions are raised one by one
);
export type Objection = ShapeOf<typeof objection>;

export const groupOutcome = union({
  /** Committed: the group is this one from the next op on. */
  accepted: struct({ epochNumber: counter<EpochNumber>() }),
  refused: struct({ objections: list(objection, 16) }),
  'checkpoint-taken': struct({ opNumber: counter<OpNumber>() }),
  joined: struct({ replicaNumber: counter<ReplicaNumber>() }),
  'version-raised': struct({ version: integer(1) }),
});
export type GroupOutcome = ShapeOf<typeof groupOutcome>;

export const groupQuery = union({
  /** The newest epoch that an operation has begun; none while the group is as it was born. */
  configuration: struct({}),
  /** Epochs after `after`, oldest first. */
  epochs: struct({ after: counter<EpochNumber>(), limit: integer(1, EPOCH_LIST_MAX) }),
  /** Nodes that may become members, by rising number. */
  joiners: struct({}),
});
export type GroupQuery = ShapeOf<typeof groupQuery>;

/** How an epoch began. */
export const epochRecord = struct({
  configuration: configurationShape,
  startOp: counter<OpNumber>(),
  /** By the cluster clock, and by the wall clock of the primary that ended the epoch before, in seconds. */
  clusterMs: counter<ClusterMs>(),
  wallSeconds: integer(),
});
export type EpochRecord = ShapeOf<typeof epochRecord>;

export const groupAnswer = union({
  configuration: struct({ epoch: optional(epochRecord) }),
  epochs: struct({ epochs: list(epochRecord, EPOCH_LIST_MAX), more: bool }),
  joiners: struct({ joiners: list(memberShape, JOINERS_MAX) }),
});
export type GroupAnswer = ShapeOf<typeof groupAnswer>;

export const encodeGroupOperation = (operation: GroupOperation): Uint8Array =>
  encode(groupOperation, operation);
export const decodeGroupOperation = (data: Uint8Array): GroupOperation =>
  decode(groupOperation, data);
export const encodeGroupOutcome = (outcome: GroupOutcome): Uint8Array =>
  encode(groupOutcome, outcome);
export const decodeGroupOutcome = (data: Uint8Array): GroupOutcome => decode(groupOutcome, data);
export const encodeGroupQuery = (query: GroupQuery): Uint8Array => encode(groupQuery, query);
export const decodeGroupQuery = (data: Uint8Array): GroupQuery => decode(groupQuery, data);
export const encodeGroupAnswer = (answer: GroupAnswer): Uint8Array => encode(groupAnswer, answer);
export const decodeGroupAnswer = (data: Uint8Array): GroupAnswer => decode(groupAnswer, data);
