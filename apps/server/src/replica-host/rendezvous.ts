import { encode, epochShape, integer, struct, text, type Epoch } from '@lockstep/vr-core';
import type { GroupSecret } from '../config/group-secret';

const signedShape = struct({ groupId: text(64), generation: integer(), epoch: epochShape });
const LABEL = 'lockstep rendezvous';

/** Which group, and who belongs to it: what a node believes that would join. */
export interface Rendezvous {
  readonly groupId: string;
  readonly generation: number;
  readonly epoch: Epoch;
}

/** By the group's secret: whoever holds it too knows that a replica said so. */
export function signRendezvous(secret: GroupSecret, rendezvous: Rendezvous): Buffer {
  return secret.sign(LABEL, encode(signedShape, rendezvous));
}

export function isSigned(
  secret: GroupSecret,
  { groupId, generation, epoch }: Rendezvous,
  signature: Uint8Array,
): boolean {
  return secret.verify(LABEL, encode(signedShape, { groupId, generation, epoch }), signature);
}
