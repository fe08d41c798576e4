import { join } from 'node:path';
import type { ReplicaIdentity } from '../config/replica-config';

/** A group whose replicas all run on this machine, in one folder: `DIR/replica-0` to `DIR/replica-{K-1}`. */
export interface Group {
  readonly folder: string;
  /** Of each replica, by replica-number. */
  readonly replicas: readonly ReplicaIdentity[];
}

export function replicaFolder(groupFolder: string, replicaNumber: number): string {
  return join(groupFolder, `replica-${replicaNumber}`);
}
