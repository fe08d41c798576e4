import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { roleAtFirst, type ReplicaRole } from '../config/replica-role';
import type { DurabilityMode } from '../storage/replica-storage';
import { replicaFolder, type Group } from './group';

/** `DIR/group.json`: what a program needs to find the group. Kept true while a supervisor runs. */
export interface GroupFile {
  readonly groupId: string;
  readonly mode: DurabilityMode;
  /** Of the supervisor; null when the group is stopped. */
  readonly supervisor: number | null;
  readonly replicas: readonly {
    readonly id: string;
    readonly role: ReplicaRole;
    readonly url: string;
    /** Null while it does not run. */
    readonly pid: number | null;
    readonly data: string;
  }[];
  /** The id of the replica that serves as primary, when one is known to. */
  readonly primary?: string;
  readonly epoch?: number;
  readonly view?: number;
  /** The configuration file of every replica, if they have one. */
  readonly config?: string;
}

export interface Running {
  readonly supervisor: number | null;
  /** By replica-number; undefined while it does not run. */
  readonly pids: ReadonlyMap<number, number | undefined>;
  readonly roles: ReadonlyMap<number, ReplicaRole>;
  readonly primary: number | undefined;
  readonly epoch: number | undefined;
  readonly view: number | undefined;
  readonly config: string | undefined;
}

/** Written before this returns, so that whoever reads of a primary on the screen finds it in the file. */
export function writeGroupFile(group: Group, running: Running): void {
  const first = group.replicas[0];
  if (first === undefined) throw new RangeError('a group has replicas');
  const primary = group.replicas.find((each) => each.replicaNumber === running.primary)?.nodeId;
  const file: GroupFile = {
    groupId: first.groupId,
    mode: first.mode,
    supervisor: running.supervisor,
    replicas: group.replicas.map((identity) => ({
      id: identity.nodeId,
      role: running.roles.get(identity.replicaNumber) ?? roleAtFirst(identity),
      url: identity.url,
      pid: running.pids.get(identity.replicaNumber) ?? null,
      data: replicaFolder(group.folder, identity.replicaNumber),
    })),
    ...(primary === undefined ? {} : { primary }),
    ...(running.epoch === undefined ? {} : { epoch: running.epoch }),
    ...(running.view === undefined ? {} : { view: running.view }),
    ...(running.config === undefined ? {} : { config: running.config }),
  };
  const path = join(group.folder, 'group.json');
  // Not synced: a crash of the machine ends the processes that it lists, too.
  writeFileSync(`${path}.new`, `${JSON.stringify(file, null, 2)}\n`);
  renameSync(`${path}.new`, path);
}
