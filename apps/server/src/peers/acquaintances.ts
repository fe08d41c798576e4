import type { Epoch, Member, ReplicaNumber } from '@lockstep/vr-core';

/**
 * The replicas that one knows by name and address: the members of its epoch and of the one before, and nodes that may
 * become members of the next. (VRR §7.1, §7.5)
 */
export class Acquaintances {
  private readonly self: ReplicaNumber;
  private members = new Map<ReplicaNumber, Member>();
  private joiners = new Map<ReplicaNumber, Member>();

  constructor(self: ReplicaNumber, epoch: Epoch) {
    this.self = self;
    this.learn(epoch);
  }

  learn({ configuration, previous }: Epoch): void {
    const members = [...(previous?.members ?? []), ...configuration.members];
    this.members = new Map(members.map((member) => [member.replicaNumber, member]));
  }

  expect(joiners: readonly Member[]): void {
    this.joiners = new Map(joiners.map((joiner) => [joiner.replicaNumber, joiner]));
  }

  /** All members of both epochs but this replica. */
  get others(): readonly Member[] {
    return [...this.members.values()].filter(({ replicaNumber: number }) => number !== this.self);
  }

  /** Other nodes that may become members. */
  get newcomers(): readonly Member[] {
    return [...this.joiners.values()].filter(
      ({ replicaNumber: number }) => number !== this.self && !this.members.has(number),
    );
  }

  /** A member or a joiner; undefined for a stranger. */
  find(number: ReplicaNumber): Member | undefined {
    return this.members.get(number) ?? this.joiners.get(number);
  }

  isKnown(number: ReplicaNumber): boolean {
    return this.find(number) !== undefined;
  }

  /** Of two that know each other the one of the higher number dials. */
  isToDial(number: ReplicaNumber): boolean {
    return this.isKnown(number) && number < this.self;
  }

  /** Why a node cannot be who it says; undefined when nothing speaks against it. (E33) */
  contradiction(claim: {
    readonly nodeId: string;
    readonly replicaNumber: ReplicaNumber;
  }): string | undefined {
    const { nodeId, replicaNumber: number } = claim;
    const known = this.find(number);
    if (known !== undefined && known.nodeId !== nodeId)
      return `${nodeId} is not replica ${number} of this group`;
    const all = [...this.members.values(), ...this.joiners.values()];
    const other = all.find((member) => member.nodeId === nodeId);
    return other === undefined || other.replicaNumber === number
      ? undefined
      : `${nodeId} is replica ${other.replicaNumber} of this group, not ${number}`;
  }
}
