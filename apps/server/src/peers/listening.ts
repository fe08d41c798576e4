import type { Server, Socket } from 'socket.io';
import { Malformed } from '@lockstep/vr-core';
import {
  isProof,
  makeHello,
  proofOf,
  readHello,
  refusalOf,
  type Hello,
  type Transcript,
} from './handshake';
import { certificateRefusal, channelOf } from './peer-certificate';
import type { Engine, Wire } from './peer-link';
import { bytesOf, HANDSHAKE_MS, type LinkEvents, type PeerOptions } from './peer-options';

/** Accepts, on the namespace `/peers`, replicas of higher number and nodes that are no members here. */
export class PeerListening {
  private readonly options: PeerOptions;
  private readonly events: LinkEvents;
  private readonly namespace: ReturnType<Server['of']>;

  constructor(options: PeerOptions, events: LinkEvents) {
    this.options = options;
    this.events = events;
    this.namespace = options.server.of('/peers');
    this.namespace.use((socket, next) => {
      try {
        this.admit(socket);
        next();
      } catch (fault) {
        if (!(fault instanceof Malformed)) throw fault;
        events.onRefused(`a connection from ${socket.handshake.address}`, fault.message);
        next(new Error(fault.message));
      }
    });
    this.namespace.on('connection', (socket) => {
      this.shakeHands(socket);
    });
  }

  close(): void {
    this.namespace.disconnectSockets(true);
    this.namespace.removeAllListeners();
  }

  /** Reads the hello before there is a connection; throws `Malformed` with the reason to refuse it. */
  private admit(socket: Socket): void {
    const data = bytesOf((socket.handshake.auth as Record<string, unknown>)['hello']);
    if (data === undefined) throw new Malformed('hello', 'is missing');
    const hello = readHello(data);
    const { self, acquaintances } = this.options;
    const refusal = refusalOf(self, acquaintances, hello);
    if (refusal !== undefined) throw new Malformed('handshake', refusal);
    const untrusted = this.certificateRefusal(socket, hello);
    if (untrusted !== undefined) throw new Malformed('handshake', untrusted);
    if (acquaintances.isToDial(hello.replicaNumber))
      throw new Malformed('handshake', 'the higher replica-number dials the lower');
    const state: Greeted = { data, hello };
    (socket.data as SocketState).greeted = state;
  }

  /** What OpenSSL and the certificate say of who dials, before anything that it says of itself is believed. */
  private certificateRefusal(socket: Socket, hello: Hello): string | undefined {
    if (this.options.dialTls === undefined) return undefined;
    const { nodeId, replicaNumber } = hello;
    const known = this.options.acquaintances.find(replicaNumber);
    return certificateRefusal(socket.request.socket, { nodeId, peerUrl: known?.peerUrl });
  }

  private shakeHands(socket: Socket): void {
    const { secret, self, dialTls } = this.options;
    const greeted = (socket.data as SocketState).greeted;
    if (greeted === undefined) throw new Error('a connection passed without a hello');
    const { hello, data } = greeted;
    const welcome = makeHello(self);
    const refuse = (reason: string): void => {
      this.events.onRefused(`replica ${hello.replicaNumber}`, reason);
      socket.emit('refused', reason);
      socket.disconnect(true);
    };
    const channel = channelOf(socket.request.socket, dialTls !== undefined);
    if (channel === undefined) {
      refuse('replicas speak TLS 1.3 to each other');
      return;
    }
    const transcript: Transcript = { dialler: data, listener: welcome, channel };
    const tooLate = setTimeout(refuse, HANDSHAKE_MS, 'the handshake took too long');
    socket.on('disconnect', () => {
      clearTimeout(tooLate);
    });
    socket.once('proof', (proof: unknown) => {
      clearTimeout(tooLate);
      if (!isProof(secret, 'dialler', transcript, bytesOf(proof) ?? new Uint8Array()))
        refuse('another group secret, or somebody between');
      else this.accept(socket, hello, refuse);
    });
    socket.emit('welcome', asBuffer(welcome), proofOf(secret, 'listener', transcript));
  }

  private accept(socket: Socket, hello: Hello, refuse: (reason: string) => void): void {
    const wire: Wire = {
      emit: (event, frame) => socket.emit(event, frame),
      disconnect: () => socket.disconnect(true),
      engine: () => socket.conn as unknown as Engine,
    };
    const link = this.events.onLink(hello, wire, 'accepted');
    if (typeof link === 'string') {
      refuse(link);
      return;
    }
    socket.on('frame', (frame: unknown) => {
      this.events.onFrame(link, frame);
    });
    socket.on('disconnect', () => {
      this.events.onLinkClosed(link);
    });
    socket.emit('ready');
    this.events.onLinkReady(link);
  }
}

interface Greeted {
  readonly data: Uint8Array;
  readonly hello: Hello;
}

interface SocketState {
  greeted?: Greeted;
}

function asBuffer(data: Uint8Array): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}
