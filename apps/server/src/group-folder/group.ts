import { join } from 'node:path';
import type { ReplicaIdentity } from '../config/replica-config';

/** The replicas of a group that run on this machine, in one folder: `DIR/replica-0`, `DIR/replica-1` ... */
export interface Group {
  readonly folder: string;
  /** By rising replica-number; without those that have left. */
  readonly replicas: readonly ReplicaIdentity[];
}

export function replicaFolder(groupFolder: string, replicaNumber: number): string {
  return join(groupFolder, `replica-${replicaNumber}`);
}

/** The replica-number that a folder's name tells; undefined when it is none of a replica. */
export function numberOfFolder(name: string): number | undefined {
  const [, digits] = /^replica-(0|[1-9]\d{0,9})$/.exec(name) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** In the folder of a replica that has left the group for good: it is not started any more. */
export const LEFT_MARK = 'left';
