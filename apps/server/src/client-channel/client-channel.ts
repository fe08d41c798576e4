import type { Namespace, Server } from 'socket.io';
import type { ReplicaView } from '@lockstep/vr-core';
import type { Member } from '../config/replica-config';
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
  private readonly members: readonly Member[];
  private readonly self: Member;
  private readonly view: () => ReplicaView;

  constructor(
    server: Server,
    parts: ClientSocketParts,
    group: { members: readonly Member[]; self: Member; view: () => ReplicaView },
  ) {
    this.namespace = server.of(CLIENT_NAMESPACE);
    this.parts = parts;
    this.members = group.members;
    this.self = group.self;
    this.view = group.view;
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

  /** The replica's view, status or service has changed: clients that look for the primary need not search. */
  onView(view: ReplicaView): void {
    if (view.status === 'normal') this.namespace.emit('view', this.pushedView(view));
  }

  private pushedView({ epochNumber, viewNumber, primary }: ReplicaView): PushedView {
    const member = this.members[primary] ?? this.self;
    return {
      epoch: epochNumber,
      view: viewNumber,
      primary: member.nodeId,
      url: member.url,
      replica: this.self.nodeId,
    };
  }
}
