import { epochNumber, replicaNumber } from '../numbers/numbers';
import type { Configuration, Member } from '../state/configuration';
import { objectionsTo } from './objections';

const active = (number: number, changes: Partial<Member> = {}): Member => ({
  replicaNumber: replicaNumber(number),
  nodeId: `node-${number}`,
  role: 'active',
  peerUrl: `peer-${number}`,
  clientUrl: `client-${number}`,
  ...changes,
});

const witness = (number: number): Member => active(number, { role: 'witness' });

const actives = (...numbers: number[]): Member[] => numbers.map((number) => active(number));

/** Numbers below 10 have all been used. */
const groupOf = (members: readonly Member[]): Configuration => ({
  epochNumber: epochNumber(4),
  members,
  nextReplicaNumber: replicaNumber(10),
});

const CURRENT = groupOf(actives(0, 1, 2));

const said = (members: readonly Member[], current = CURRENT, epoch = 4): string[] =>
  objectionsTo(current, { epochNumber: epochNumber(epoch), members });

describe('objections to a new group (§1.8, R1; decision 34)', () => {
  it('are none to members and new numbers, in any order, three to nine of them', () => {
    expect(said(actives(2, 0, 1))).toEqual([]);
    expect(said(actives(10, 1, 0))).toEqual([]);
    expect(said(actives(12, 11, 10))).toEqual([]);
    expect(said(actives(0, 1, 2, 10, 11, 12, 13, 14, 15))).toEqual([]);
  });

  it.each([0, 2, 10])('are made to a group of %i', (size) => {
    const members = Array.from({ length: size }, (_, at) => active(at + 10));
    expect(said(members)).toEqual(['group-size']);
  });

  it('let only a group of one stay one', () => {
    expect(said(actives(0))).toEqual(['group-size']);
    expect(said(actives(0), groupOf(actives(0)))).toEqual([]);
    expect(said(actives(10), groupOf(actives(0)))).toEqual([]);
  });

  it('are made in any other epoch than the one that the client knows', () => {
    expect(said(actives(0, 1, 2), CURRENT, 3)).toEqual(['another-epoch']);
    expect(said(actives(0, 1, 2), CURRENT, 5)).toEqual(['another-epoch']);
  });

  it.each([
    [[active(10), active(11), witness(12)], []],
    [[active(10), active(11), active(12), witness(13), witness(14)], []],
    [[active(10), witness(11), witness(12)], ['witness-count']],
    [[active(10), active(11), active(12), witness(13)], ['witness-count']],
    [[active(10), active(11), active(12), active(13), witness(14)], ['witness-count']],
    [[witness(10), witness(11), witness(12)], ['witness-count']],
  ])('want witnesses as many as may fail, beside an odd number in all', (members, objections) => {
    expect(said(members)).toEqual(objections);
  });

  it('are made to a number that was used, or passed over', () => {
    expect(said(actives(0, 1, 9))).toEqual(['used-number']);
  });

  it('keep a number and a node together', () => {
    const [zero, one] = actives(0, 1) as [Member, Member];
    expect(said([zero, one, active(2, { nodeId: 'other' })])).toEqual(['changed-number']);
    expect(said([zero, one, active(10, { nodeId: 'node-2' })])).toEqual(['changed-number']);
  });

  it.each([
    [active(10), active(11, { nodeId: 'node-10' })],
    [active(10), active(11, { peerUrl: 'peer-10' })],
    [active(10), active(11, { clientUrl: 'client-10' })],
    [active(10), active(10, { nodeId: 'x', peerUrl: 'x', clientUrl: 'x' })],
  ])('are made to one that stands there twice', (one, other) => {
    expect(said([active(0), one, other])).toEqual(['repeated-node']);
  });

  it('let a member have another address', () => {
    expect(
      said([active(0), active(1), active(2, { peerUrl: 'moved', clientUrl: 'moved' })]),
    ).toEqual([]);
  });
});
