import type { Input, Message, ReplicaNumber, ReplicaView } from '@lockstep/vr-core';
import type { Observer } from './observer';
import type { ObservedHost } from './observed-host';

/** A fingerprint of everything that happened: two runs of one seed must have the same. */
export class Trace implements Observer {
  private hash = 0x811c_9dc5;
  steps = 0;

  input(host: ObservedHost, { kind }: Input): void {
    this.steps += 1;
    this.mix(host.self);
    this.mix(kind.charCodeAt(0) * 256 + kind.charCodeAt(kind.length - 1));
    this.mix(Math.floor(host.time.nowMs * 1000));
  }

  send(_host: ObservedHost, to: ReplicaNumber, { kind, viewNumber }: Message): void {
    this.mix(to * 65_536 + kind.length * 256 + kind.charCodeAt(0));
    this.mix(viewNumber);
  }

  stepped(_host: ObservedHost, view: ReplicaView): void {
    this.mix(view.opNumber);
    this.mix(view.executedNumber);
  }

  get fingerprint(): string {
    return (this.hash >>> 0).toString(16).padStart(8, '0');
  }

  private mix(value: number): void {
    this.hash = Math.imul(this.hash ^ value, 0x0100_0193);
    this.hash ^= this.hash >>> 15;
  }
}
