import { counter, lockManager } from '@lockstep/state-machines';
import { createReplica, replicaNumber, type Epoch, type Replica } from '@lockstep/vr-core';
import { MemoryNetwork } from '../peers/memory-peers';
import { MemoryDisk, MemoryStorage } from '../storage/memory-storage';
import { EventHub } from './event-hub';
import { sha256 } from './hash';
import { epochOfNewGroup } from './new-group';
import { ReplicaHost, type HostObserver } from './replica-host';
import { RequestGateway } from './request-gateway';
import { restoreInto } from './restore-into';
import { Turn } from './turn';

/** A replica with its host inside one process: a real core on memory in place of disk and sockets. */
export interface MemoryReplica {
  readonly replica: Replica;
  readonly host: ReplicaHost;
  readonly gateway: RequestGateway;
  readonly hub: EventHub;
  readonly turn: Turn;
  readonly storage: MemoryStorage;
  readonly failures: string[];
}

/** Hosts of a whole group without processes, for tests of hosts and doors. */
export async function startMemoryGroup(size: number): Promise<MemoryReplica[]> {
  const network = new MemoryNetwork();
  const epoch = epochOf(size);
  const members = Array.from({ length: size }, (_, number) =>
    memoryReplica(network, number, epoch),
  );
  for (const { replica, host, storage, gateway } of members) {
    host.start({ kind: 'start', life: await storage.open(restoreInto(replica)) });
    gateway.open(host.mailbox);
  }
  return members;
}

export function stopMemoryGroup(members: readonly MemoryReplica[]): void {
  for (const { host } of members) host.stop();
}

function epochOf(size: number): Epoch {
  const members = Array.from({ length: size }, (_, number) => ({
    nodeId: `node-${number}`,
    role: 'active' as const,
    peerUrl: '',
    clientUrl: '',
  }));
  return epochOfNewGroup(members);
}

function memoryReplica(network: MemoryNetwork, number: number, epoch: Epoch): MemoryReplica {
  const self = replicaNumber(number);
  const replica = createReplica({
    epoch,
    self,
    plugins: [lockManager(), counter()],
    hash: sha256,
  });
  const turn = new Turn();
  const hub = new EventHub(turn);
  const gateway = new RequestGateway(sha256);
  const storage = new MemoryStorage({
    disk: new MemoryDisk(),
    self,
    epoch,
    mode: 'durable',
  });
  const failures: string[] = [];
  const observer: HostObserver = {
    onNote: () => undefined,
    onTurn: () => undefined,
    onReport: () => undefined,
    onFailure: (reason) => failures.push(reason),
  };
  const peers = network.channel(self);
  const host = new ReplicaHost({
    replica,
    storage,
    peers,
    desk: gateway,
    events: hub,
    turn,
    observer,
  });
  return { replica, host, gateway, hub, turn, storage, failures };
}
