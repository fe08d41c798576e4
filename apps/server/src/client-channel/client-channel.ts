import type { DefaultEventsMap, Namespace, Server } from 'socket.io';
import type { ReplicaView } from '@lockstep/vr-core';
import type { Authenticator, Credentials } from '../access/authenticator';
import type { Principal } from '../access/principal';
import { Problem } from '../contract/problem';
import { ClientSocket, type ClientSocketParts } from './client-socket';
import {
  CLIENT_NAMESPACE,
  type ClientToServer,
  type PushedView,
  type ServerToClient,
} from './protocol';

interface SocketData {
  principal: Principal;
}

type ClientNamespace = Namespace<ClientToServer, ServerToClient, DefaultEventsMap, SocketData>;

/** The namespace `/client`: one `ClientSocket` a connection, and the view to all of them. */
export class ClientChannel {
  private readonly namespace: ClientNamespace;
  private readonly parts: ClientSocketParts;
  private readonly nodeId: string;
  private readonly authenticator: Authenticator;
  private readonly view: () => ReplicaView;

  constructor(
    server: Server,
    parts: ClientSocketParts,
    replica: { nodeId: string; view: () => ReplicaView; authenticator: Authenticator },
  ) {
    this.namespace = server.of(CLIENT_NAMESPACE) as ClientNamespace;
    this.parts = parts;
    this.nodeId = replica.nodeId;
    this.authenticator = replica.authenticator;
    this.view = replica.view;
  }

  get connected(): number {
    return this.namespace.sockets.size;
  }

  open(): void {
    this.namespace.use((socket, next) => {
      this.authenticator.authenticate(credentialsOf(socket.handshake)).then(
        (principal) => {
          socket.data.principal = principal;
          next();
        },
        (fault: unknown) => {
          next(refusalOf(fault));
        },
      );
    });
    this.namespace.on('connection', (socket) => {
      const client = new ClientSocket(socket, this.parts, socket.data.principal);
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

type Handshake = Parameters<Parameters<ClientNamespace['use']>[0]>[0]['handshake'];

/** `auth: { token }` of socket.io, or the header, which browsers cannot set. */
function credentialsOf({ auth, headers, address: from }: Handshake): Credentials {
  const token: unknown = (auth as { readonly token?: unknown }).token;
  const authorization = typeof token === 'string' ? `Bearer ${token}` : headers.authorization;
  return { authorization, from };
}

/** As socket.io hands it to the client: `connect_error` with the problem in `data`. */
function refusalOf(fault: unknown): Error {
  const problem = fault instanceof Problem ? fault : new Problem('internal-error');
  return Object.assign(new Error(problem.message), { data: problem.toBody() });
}

const TELLING: ReadonlySet<ReplicaView['status']> = new Set(['normal', 'transitioning', 'retired']);
