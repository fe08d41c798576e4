import { Malformed, type Member, type ReplicaNumber } from '@lockstep/vr-core';
import { io, type Socket } from 'socket.io-client';
import { checkedParser } from './checked-parser';
import {
  isProof,
  makeHello,
  proofOf,
  readHello,
  refusalOf,
  type Hello,
  type Transcript,
} from './handshake';
import type { DialTls } from '../tls/credentials';
import { channelOf, identityCheck, type ExpectedPeer } from './peer-certificate';
import type { Engine, PeerLink, Wire } from './peer-link';
import {
  bytesOf,
  HANDSHAKE_MS,
  REDIAL_MS,
  REDIAL_MS_MAX,
  type LinkEvents,
  type PeerOptions,
} from './peer-options';

/** Dials one peer, again and again until closed. */
export class PeerDialling {
  readonly url: string;
  private readonly peer: ReplicaNumber;
  private readonly options: PeerOptions;
  private readonly events: LinkEvents;
  private readonly socket: Socket;
  private hello: Uint8Array = new Uint8Array();
  private link: PeerLink | undefined;
  /** Proved, but not yet told that we are. */
  private welcomed: Hello | undefined;
  private redial: NodeJS.Timeout | undefined;
  private tooLate: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    { replicaNumber: peer, nodeId, peerUrl: url }: Member,
    options: PeerOptions,
    events: LinkEvents,
  ) {
    this.peer = peer;
    this.url = url;
    this.options = options;
    this.events = events;
    const { dialTls } = options;
    const plain: Parameters<typeof io>[1] = {
      parser: checkedParser,
      transports: ['websocket'],
      // The type knows only thresholds; the value goes to `ws`, which knows false.
      perMessageDeflate: false as unknown as { threshold: number },
      forceNew: true,
      reconnectionDelay: REDIAL_MS,
      reconnectionDelayMax: REDIAL_MS_MAX,
      timeout: HANDSHAKE_MS,
      // A new nonce for each attempt: what an earlier one said proves nothing.
      auth: (give) => {
        this.hello = makeHello(options.self);
        give({ hello: Buffer.from(this.hello) });
      },
    };
    const socketOptions =
      dialTls === undefined ? plain : trusting(plain, dialTls, { nodeId, peerUrl: url });
    this.socket = io(`${url}/peers`, socketOptions);
    this.listen();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.redial);
    clearTimeout(this.tooLate);
    this.socket.disconnect();
  }

  private listen(): void {
    const { socket } = this;
    socket.on('connect', () => {
      this.tooLate = setTimeout(() => {
        this.refuse('the handshake took too long');
      }, HANDSHAKE_MS);
    });
    // Refused by the peer, unlike a failed connection: socket.io gives up then, we do not.
    socket.on('connect_error', (fault) => {
      if (socket.active || this.closed) return;
      this.events.onRefused(this.name(), `it says: ${fault.message}`);
      this.dialLater();
    });
    socket.on('refused', (reason: unknown) => {
      this.events.onRefused(
        this.name(),
        `it says: ${typeof reason === 'string' ? reason.slice(0, 200) : 'nothing'}`,
      );
    });
    socket.on('welcome', (hello: unknown, proof: unknown) => {
      this.onWelcome(bytesOf(hello), bytesOf(proof));
    });
    socket.on('ready', () => {
      this.onReady();
    });
    socket.on('frame', (frame: unknown) => {
      if (this.link !== undefined) this.events.onFrame(this.link, frame);
    });
    socket.on('disconnect', () => {
      this.onDisconnect();
    });
  }

  private onWelcome(data: Buffer | undefined, proof: Buffer | undefined): void {
    const { self, acquaintances, dialTls } = this.options;
    if (data === undefined || proof === undefined) {
      this.refuse('its welcome is malformed');
      return;
    }
    try {
      const hello = readHello(data);
      const channel = channelOf(this.rawSocket(), dialTls !== undefined);
      const refusal = refusalOf(self, acquaintances, hello);
      if (refusal !== undefined) this.refuse(refusal);
      else if (hello.replicaNumber !== this.peer)
        this.refuse(`replica ${hello.replicaNumber} answers`);
      else if (channel === undefined) this.refuse('replicas speak TLS 1.3 to each other');
      else this.prove(hello, { dialler: this.hello, listener: data, channel }, proof);
    } catch (fault) {
      if (!(fault instanceof Malformed)) throw fault;
      this.refuse(fault.message);
    }
  }

  private prove(hello: Hello, transcript: Transcript, proof: Buffer): void {
    const { secret } = this.options;
    if (!isProof(secret, 'listener', transcript, proof)) {
      this.refuse('another group secret, or somebody between');
      return;
    }
    this.welcomed = hello;
    this.socket.emit('proof', proofOf(secret, 'dialler', transcript));
  }

  /** Of the websocket below: neither socket.io nor `ws` says where. */
  private rawSocket(): unknown {
    const { transport } = this.socket.io.engine as unknown as {
      readonly transport: { readonly ws?: { readonly _socket?: unknown } };
    };
    return transport.ws?._socket;
  }

  private onReady(): void {
    clearTimeout(this.tooLate);
    if (this.welcomed === undefined || this.link !== undefined) return;
    const { socket } = this;
    const wire: Wire = {
      emit: (event, frame) => socket.emit(event, frame),
      disconnect: () => socket.disconnect(),
      engine: () => socket.io.engine as unknown as Engine,
    };
    const link = this.events.onLink(this.welcomed, wire, 'dialled');
    if (typeof link === 'string') return this.refuse(link);
    this.link = link;
    this.events.onLinkReady(link);
  }

  private onDisconnect(): void {
    clearTimeout(this.tooLate);
    const { link } = this;
    this.link = undefined;
    this.welcomed = undefined;
    if (link !== undefined) this.events.onLinkClosed(link);
    // Closed by either end on purpose: socket.io does not dial again by itself then.
    if (!this.socket.active) this.dialLater();
  }

  private refuse(reason: string): void {
    this.events.onRefused(this.name(), reason);
    this.socket.disconnect();
  }

  private dialLater(): void {
    clearTimeout(this.redial);
    if (this.closed) return;
    this.redial = setTimeout(() => {
      this.socket.connect();
    }, REDIAL_MS_MAX);
  }

  private name(): string {
    return `replica ${this.peer}`;
  }
}

/** Options that socket.io reads for each connection anew: certificates change. */
function trusting<O extends object>(options: O, dialTls: () => DialTls, peer: ExpectedPeer): O {
  return Object.defineProperties(options, {
    ca: { enumerable: true, get: () => dialTls().ca },
    cert: { enumerable: true, get: () => dialTls().cert },
    key: { enumerable: true, get: () => dialTls().key },
    checkServerIdentity: { enumerable: true, value: identityCheck(peer) },
  });
}
