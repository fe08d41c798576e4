import { randomBytes } from 'node:crypto';
import type { Role } from '@lockstep/vr-core';
import { SECRET_BYTES } from '../config/group-secret';
import { urlOf, type Scheme } from '../config/loopback';
import type { ReplicaIdentity } from '../config/replica-config';
import { epochOfNewGroup, type NewMember } from '../replica-host/new-group';
import type { DurabilityMode } from '../storage/replica-storage';
import { replicaFolder, type Group } from './group';
import { makeReplicaFolder } from './replica-folder';

export interface NewGroup {
  readonly folder: string;
  readonly replicas: number;
  /** How many of the replicas are witnesses: the last ones. Default: none. */
  readonly witnesses?: number;
  readonly host: string;
  readonly basePort: number;
  readonly mode: DurabilityMode;
  /** How its replicas are spoken to. Default: `http`. */
  readonly scheme?: Scheme;
}

/** A group on one machine, on ports in a row. */
export function initGroup(wanted: NewGroup): Promise<Group> {
  const { folder, mode } = wanted;
  return initGroupAt({ folder, mode, places: placesInARow(wanted) });
}

export const placesInARow = (wanted: Omit<NewGroup, 'folder' | 'mode'>): readonly Place[] =>
  Array.from({ length: wanted.replicas }, (_, number) => ({
    url: urlOf(wanted.host, wanted.basePort + number, wanted.scheme ?? 'http'),
    role: roleOf(number, wanted),
  }));

/** Where a replica will be reached, by clients and peers, and what it will be. */
export interface Place {
  /** `http://host:port` or `https://host:port`. */
  readonly url: string;
  readonly role: Role;
}

/**
 * Makes a new group: an identity, the common secret and a one-time permission to start for each replica. (decision 33)
 * The folders appear last to first: once `replica-0` is there, all are.
 */
export async function initGroupAt(wanted: {
  readonly folder: string;
  readonly mode: DurabilityMode;
  readonly places: readonly Place[];
}): Promise<Group> {
  const groupId = randomBytes(8).toString('hex');
  const secret = `${randomBytes(SECRET_BYTES).toString('hex')}\n`;
  const epoch = epochOfNewGroup(newNodesAt(wanted.places));
  const replicas = epoch.configuration.members.map((member): ReplicaIdentity => ({
    groupId,
    nodeId: member.nodeId,
    replicaNumber: member.replicaNumber,
    generation: 1,
    mode: wanted.mode,
    url: member.clientUrl,
    epoch,
    addresses: {},
  }));
  for (const identity of replicas.toReversed())
    await makeReplicaFolder(replicaFolder(wanted.folder, identity.replicaNumber), identity, secret);
  return { folder: wanted.folder, replicas };
}

/** Nodes that have never been, in the order of their numbers. */
export const newNodesAt = (places: readonly Place[]): readonly NewMember[] =>
  places.map(({ url, role }, number) => ({
    nodeId: newNodeId(number),
    role,
    peerUrl: url,
    clientUrl: url,
  }));

/** The first views belong to the first replicas, which should be actives. */
function roleOf(number: number, group: Pick<NewGroup, 'replicas' | 'witnesses'>): Role {
  const { replicas, witnesses = 0 } = group;
  return number < replicas - witnesses ? 'active' : 'witness';
}

/** A node's name, unique whatever becomes of its folder: number for people, chance for uniqueness. (E33) */
export function newNodeId(number: number): string {
  return `r${number}-${randomBytes(4).toString('hex')}`;
}
