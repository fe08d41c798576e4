import type { Member, ReplicaNumber } from '@lockstep/vr-core';
import { PeerDialling } from './dialling';
import { LATE_DIAL_MS, type LinkEvents, type PeerOptions } from './peer-options';

/**
 * Who is dialled: every known replica of lower number, and a member of higher number that has not dialled for a while. The
 * latter happens when it does not know us any more, because its group has gone on without us: we have to hear of that.
 * (E28)
 */
export class Diallers {
  private readonly options: PeerOptions;
  private readonly events: LinkEvents;
  private readonly isLinked: (peer: ReplicaNumber) => boolean;
  private readonly diallings = new Map<ReplicaNumber, PeerDialling>();
  private readonly missedSinceMs = new Map<ReplicaNumber, number>();
  private members: readonly Member[] = [];
  private readonly looking: NodeJS.Timeout;

  constructor(
    options: PeerOptions,
    events: LinkEvents,
    isLinked: (peer: ReplicaNumber) => boolean,
  ) {
    this.options = options;
    this.events = events;
    this.isLinked = isLinked;
    this.looking = setInterval(() => {
      this.lookForLate();
    }, LATE_DIAL_MS / 4);
  }

  follow(members: readonly Member[], newcomers: readonly Member[]): void {
    this.members = members;
    const wanted = [...members, ...newcomers];
    const urls = new Map(wanted.map((member) => [member.replicaNumber, member.peerUrl]));
    for (const [peer, dialling] of this.diallings)
      if (urls.get(peer) !== dialling.url) this.stop(peer);
    for (const member of wanted)
      if (member.replicaNumber < this.options.self.replicaNumber) this.dial(member);
  }

  /** It has dialled us: it need not be dialled. */
  wasDialledBy(peer: ReplicaNumber): void {
    if (peer > this.options.self.replicaNumber) this.stop(peer);
  }

  close(): void {
    clearInterval(this.looking);
    for (const peer of [...this.diallings.keys()]) this.stop(peer);
  }

  private lookForLate(): void {
    const nowMs = performance.now();
    for (const member of this.members) {
      const { replicaNumber: peer } = member;
      if (peer < this.options.self.replicaNumber) continue;
      if (this.isLinked(peer)) {
        this.missedSinceMs.delete(peer);
        continue;
      }
      const sinceMs = this.missedSinceMs.get(peer) ?? nowMs;
      this.missedSinceMs.set(peer, sinceMs);
      if (nowMs - sinceMs >= LATE_DIAL_MS) this.dial(member);
    }
  }

  private dial(member: Member): void {
    const { replicaNumber: peer } = member;
    if (this.diallings.has(peer)) return;
    this.diallings.set(peer, new PeerDialling(member, this.options, this.events));
  }

  private stop(peer: ReplicaNumber): void {
    this.diallings.get(peer)?.close();
    this.diallings.delete(peer);
    this.missedSinceMs.delete(peer);
  }
}
