import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { DiallerName } from './dialler-name';
import { Direction } from './direction';
import { CLIENTS, type Network } from './network';

export interface ProxyPlan {
  readonly network: Network;
  /** The node behind it. */
  readonly node: string;
  readonly targetPort: number;
  /** Who may dial: a name of these, or else everybody is `CLIENTS`. */
  readonly diallers?: () => readonly string[];
}

/** A port that stands before one of a replica, and does to what passes what the network is told to. */
export class Proxy {
  readonly #plan: ProxyPlan;
  readonly #server: Server;
  readonly #links = new Set<ProxiedLink>();
  readonly #look = (): void => {
    for (const link of this.#links) link.look();
  };

  private constructor(plan: ProxyPlan) {
    this.#plan = plan;
    this.#server = createServer((socket) => {
      const link = new ProxiedLink(plan, socket);
      this.#links.add(link);
      socket.once('close', () => this.#links.delete(link));
      link.look();
    });
    plan.network.changed.on('changed', this.#look);
  }

  static async open(plan: ProxyPlan): Promise<Proxy> {
    const proxy = new Proxy(plan);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#plan.network.changed.off('changed', this.#look);
    this.#server.close();
    for (const link of this.#links) link.break();
  }
}

class ProxiedLink {
  readonly #plan: ProxyPlan;
  readonly #near: Socket;
  readonly #far: Socket;
  readonly #directions: readonly Direction[];
  #dialler: string | undefined;

  constructor(plan: ProxyPlan, near: Socket) {
    this.#plan = plan;
    this.#near = near;
    this.#far = connect(plan.targetPort, '127.0.0.1');
    if (plan.diallers === undefined) this.#dialler = CLIENTS;
    else this.#readName(plan.diallers);
    const { network, node } = plan;
    this.#directions = [
      new Direction(near, this.#far, () => network.conditionOf(this.#dialler ?? '', node)),
      new Direction(this.#far, near, () => network.conditionOf(node, this.#dialler ?? '')),
    ];
    for (const socket of [near, this.#far]) {
      socket.setNoDelay(true);
      socket.on('error', () => this.break());
    }
    // What was sent before an end still arrives.
    near.once('close', () => this.#far.destroySoon());
    this.#far.once('close', () => near.destroySoon());
  }

  look(): void {
    const { network, node } = this.#plan;
    if (this.#dialler !== undefined && network.isCut(this.#dialler, node)) this.break();
    else for (const direction of this.#directions) direction.pump();
  }

  break(): void {
    for (const direction of this.#directions) direction.stop();
    this.#near.destroy();
    this.#far.destroy();
  }

  #readName(known: () => readonly string[]): void {
    const reader = new DiallerName(known);
    this.#near.on('data', (bytes: Buffer) => {
      if (this.#dialler !== undefined) return;
      this.#dialler = reader.read(bytes);
      if (this.#dialler !== undefined) this.look();
    });
  }
}
