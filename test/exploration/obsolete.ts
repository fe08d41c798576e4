import type { Message } from '@lockstep/vr-core';
import type { LocalState } from './local-state';
import type { Letter, MessageTable } from './message-table';
import { PairMemo } from './pair-memo';
import type { World } from './world';

/** Nothing that these say of an older view changes anybody in a later one. (VRR §4.1; §1.0) */
const OF_ONE_VIEW: ReadonlySet<Message['kind']> = new Set([
  'Prepare',
  'PrepareOk',
  'Commit',
  'CommitOk',
  'StartView',
  'DoViewChange',
  'StartViewChange',
  'GetState',
  'Forward',
  'Forwarded',
]);

/** What hashes prove is of use in any epoch. (E19) */
const OF_ANY_EPOCH: ReadonlySet<Message['kind']> = new Set([
  'GetLog',
  'LogSegment',
  'GetBlocks',
  'Blocks',
]);

/**
 * Messages that cannot do anything at their receiver any more, whatever may still happen to it. Two states that differ
 * only by these are one. This rests on what is being tried: so only in worlds of the true core, of which no disk forgets
 * its promise, and where nobody is told of what they missed.
 */
export class Obsolete {
  private readonly messages: MessageTable;
  /** A late vote may still end a lease. (E37 f) */
  private readonly leases: boolean;
  private readonly applies: boolean;
  private readonly known = new PairMemo<number>();
  private readonly profiles = new Map<string, number>();
  private readonly profileOf: number[] = [];

  constructor(world: World, messages: MessageTable) {
    this.messages = messages;
    this.leases = world.clockMax > 0;
    this.applies =
      world.substitutions.length === 0 &&
      !world.hints &&
      world.losses.every(({ promise, incarnation, nonce }) => !promise && !incarnation && !nonce);
  }

  /** The set without what is obsolete for a receiver in this state. */
  without(set: number, receiver: LocalState): number {
    if (!this.applies || set === 0) return set;
    const profile = this.profile(receiver);
    const known = this.known.get(profile, set);
    if (known !== undefined) return known;
    const { sets } = this.messages;
    const rest = sets.of(
      sets.membersOf(set).filter((id) => !this.isObsolete(this.messages.at(id), receiver)),
    );
    return this.known.set(profile, set, rest);
  }

  private isObsolete(letter: Letter, receiver: LocalState): boolean {
    if (this.leases && letter.message.kind === 'StartViewChange') return false;
    return isObsolete(letter, receiver);
  }

  /** Receivers for which the same is obsolete have one number. */
  private profile(receiver: LocalState): number {
    return (this.profileOf[receiver.id] ??= this.profileNumber(receiver));
  }

  private profileNumber({ disk, status, replica }: LocalState): number {
    const { epochNumber, viewNumber, incarnations } = disk.promise;
    const text = JSON.stringify([
      replica,
      epochNumber,
      viewNumber,
      incarnations,
      disk.nonce,
      status === 'recovering',
    ]);
    const known = this.profiles.get(text) ?? this.profiles.size;
    this.profiles.set(text, known);
    return known;
  }
}

function isObsolete({ message, from }: Letter, { disk, status }: LocalState): boolean {
  const { epochNumber, viewNumber, incarnations } = disk.promise;
  const life = incarnations.find(({ replicaNumber }) => replicaNumber === from)?.incarnation;
  if (life !== undefined && message.incarnation < life) return true;
  if (message.epochNumber !== epochNumber) {
    return message.epochNumber < epochNumber && !OF_ANY_EPOCH.has(message.kind);
  }
  if (message.kind === 'RecoveryResponse') {
    return status !== 'recovering' || message.nonce !== `nonce ${disk.nonce}`;
  }
  if (message.kind === 'StartViewChange' && message.viewNumber === viewNumber) return true;
  return OF_ONE_VIEW.has(message.kind) && message.viewNumber < viewNumber;
}
