import type { Namespace, Server } from 'socket.io';
import type { ReplicaView } from '@lockstep/vr-core';
import { ClientSocket, type ClientSocketParts } from './client-socket';
import {
  CLIENT_NAMESPACE,
  type ClientToServer,
  type PushedView,
  type ServerToClient,
} from './protocol';

type ClientNamespace = Namespace<ClientToServer, ServerToClient>;

/** The namespace `/client`: one `ClientSocket` a connection, and the view to all of them. */
export class ClientChannel {
  private readonly namespace: ClientNamespace;
  private readonly parts: ClientSocketParts;
  private readonly nodeId: string;
  private readonly view: () => ReplicaView;

  constructor(
    server: Server,
    parts: ClientSocketParts,
    replica: { nodeId: string; view: () => ReplicaView },
  ) {
    this.namespace = server.of(CLIENT_NAMESPACE);
    this.parts = parts;
    this.nodeId = replica.nodeId;
    this.view = replica.view;
  }

  get connected(): number {
    return this.namespace.sockets.size;
  }

  open(): void {
    this.namespace.on('connection', (socket) => {
      const client = new ClientSocket(socket, this.parts);
      socket.on('requests', (items: unknown) => {
        client.onRequests(items);
      });
      socket.on('disconnect', () => {
        client.onDisconnect();
      });
      socket.emit('view', this.pushedView(this.view()));
    });
  }

  /**
   * The replica's view, status or service has changed: clients that look for the primary need not search. One that has
   * been replaced tells of its successors.
   */
  onView(view: ReplicaView): void {
    if (TELLING.has(view.status)) this.namespace.emit('view', this.pushedView(view));
  }

  private pushedView({ epoch, epochNumber, viewNumber, primary }: ReplicaView): PushedView {
    const actives = epoch.configuration.members.filter(({ role }) => role === 'active');
    const member = actives.find(({ replicaNumber }) => replicaNumber === primary) ?? actives[0];
    return {
      epoch: epochNumber,
      view: viewNumber,
      primary: member?.nodeId ?? '',
      url: member?.clientUrl ?? '',
      replica: this.nodeId,
      urls: actives.map(({ clientUrl }) => clientUrl),
    };
  }
}

const TELLING: ReadonlySet<ReplicaView['status']> = new Set(['normal', 'transitioning', 'retired']);
