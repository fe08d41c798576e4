import { replicaNumber, type Execution, type Life, type Plugin } from '@lockstep/vr-core';
import type { Server } from 'socket.io';
import type { ReplicaConfig } from './config/replica-config';
import { SocketIoPeerChannel } from './peers/socket-io-peers';
import { formatsOf } from './services';
import type { Credentials } from './tls/credentials';

interface Parts {
  readonly sockets: Server;
  readonly plugins: readonly Plugin[];
  readonly execution: Pick<Execution, 'groupVersion'>;
  readonly credentials: Credentials | undefined;
}

/** The links of the replica that is configured, in this life. */
export function peersOf(
  { identity, secret }: ReplicaConfig,
  { incarnation, promise }: Life,
  { sockets, plugins, execution, credentials }: Parts,
): SocketIoPeerChannel {
  return new SocketIoPeerChannel({
    server: sockets,
    self: {
      groupId: identity.groupId,
      generation: identity.generation,
      nodeId: identity.nodeId,
      replicaNumber: replicaNumber(identity.replicaNumber),
      incarnation,
      formats: formatsOf(plugins),
    },
    epoch: promise.epoch,
    groupVersion: () => execution.groupVersion,
    secret,
    ...(credentials !== undefined && { dialTls: () => credentials.dial }),
  });
}
