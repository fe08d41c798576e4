import {
  decodeGroupOutcome,
  encodeGroupOperation,
  type ByteString,
  type EpochNumber,
  type Member,
  type MonotonicMs,
  type ReplicaNumber,
} from '@lockstep/vr-core';
import { HandDrivenGroup } from './hand-driven-group';

export interface Asked {
  /** The name of the request, as in `answers`. */
  readonly name?: string;
  /** The epoch that the client knows; the door's own by default. */
  readonly epoch?: number;
  readonly witnesses?: readonly number[];
  /** What differs from what is usual, by replica-number. */
  readonly changed?: Readonly<Record<number, Partial<Member>>>;
}

/** ⟨RECONFIGURATION⟩ at this door: the group is to be these replicas. (VRR §7.1) */
export function reconfigure(
  group: HandDrivenGroup,
  door: number,
  numbers: readonly number[],
  { name = 'reconfigure', epoch, witnesses = [], changed = {} }: Asked = {},
): void {
  const { epochNumber } = group.view(door);
  const members = numbers.map((number) => ({
    replicaNumber: number as ReplicaNumber,
    nodeId: `node-${number}`,
    role: witnesses.includes(number) ? ('witness' as const) : ('active' as const),
    peerUrl: '',
    clientUrl: '',
    ...changed[number],
  }));
  group.input(door, {
    kind: 'request',
    deadlineMs: 1e9 as MonotonicMs,
    request: {
      name: { kind: 'keyed', keyHash: name as ByteString },
      principal: 'admin',
      service: 'group',
      operation: encodeGroupOperation({
        kind: 'reconfigure',
        epochNumber: (epoch ?? epochNumber) as EpochNumber,
        members,
      }),
      requestHash: name as ByteString,
      ackedBelow: 0 as never,
    },
  });
}

/** `accepted`, what was objected to, the problem, or undefined while it waits. */
export function answerOf(group: HandDrivenGroup, name = 'reconfigure'): string | undefined {
  const answer = group.answers.get(name);
  if (answer === undefined) return undefined;
  if (answer.kind === 'problem') return answer.code;
  const outcome = decodeGroupOutcome(answer.bytes);
  return outcome.kind === 'refused' ? outcome.objections.join(' ') : outcome.kind;
}

/** What each of these replicas says it is: `1.0 normal`, epoch, view and status. */
export function standings(group: HandDrivenGroup, among: readonly number[]): string[] {
  return among.map((number) => {
    const { epochNumber, viewNumber, status } = group.view(number);
    return `${epochNumber}.${viewNumber} ${status}`;
  });
}

/** Replicas that follow until they are warm: newcomers by their numbers. */
function warmUp(group: HandDrivenGroup, members: readonly number[], count: number): number[] {
  const newcomers = Array.from({ length: count }, () => group.join(members[0] as number));
  group.run(200, [...members, ...newcomers]);
  return newcomers;
}

export const times = (count: number, word: string): string[] => upTo(count).map(() => word);

export const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

/** Members that have committed `a`, and newcomers that follow them, so that they are warm. */
export function groupOf(
  members: number,
  newcomers: number,
  ...how: ConstructorParameters<typeof HandDrivenGroup> extends [number, ...infer Rest]
    ? Rest
    : never
): HandDrivenGroup {
  const group = new HandDrivenGroup(members, ...how);
  const old = upTo(members);
  group.run(100, old);
  group.add(0, 'a');
  group.settle(old);
  warmUp(group, old, newcomers);
  return group;
}
