import { byteString, counter, list, optional, struct, text, word } from '../encoding/shape';
import type { EpochNumber, OpNumber, ReplicaNumber } from '../numbers/numbers';
import { GROUP_SIZE_MAX } from './header';

/** Longest node id and url, in UTF-8 bytes. */
export const NODE_ID_BYTES_MAX = 64;
export const URL_BYTES_MAX = 256;

export const memberFields = {
  replicaNumber: counter<ReplicaNumber>(),
  nodeId: text(NODE_ID_BYTES_MAX),
  role: word('active', 'witness'),
  peerUrl: text(URL_BYTES_MAX),
  clientUrl: text(URL_BYTES_MAX),
};

export const memberShape = struct(memberFields);

export const configurationShape = struct({
  epochNumber: counter<EpochNumber>(),
  members: list(memberShape, GROUP_SIZE_MAX),
  nextReplicaNumber: counter<ReplicaNumber>(),
});

export const epochShape = struct({
  configuration: configurationShape,
  previous: optional(configurationShape),
  startOp: counter<OpNumber>(),
  startHash: byteString(64),
});
