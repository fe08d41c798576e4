import { byteString, counter, struct } from '../encoding/shape';
import type { Checkpoint, CheckpointName } from '../state/checkpoint';
import type { OpNumber } from '../numbers/numbers';
import type { Shape } from '../encoding/shape';

export const checkpointNameShape: Shape<CheckpointName> = struct({
  opNumber: counter<OpNumber>(),
  id: byteString(64),
});

export const checkpointShape: Shape<Checkpoint> = struct({
  opNumber: counter<OpNumber>(),
  headHash: byteString(64),
  stateRoot: byteString(64),
  id: byteString(64),
});
