import { replicaNumber } from '../numbers/numbers';
import { createSolo } from '../service/solo';
import {
  decodeGroupAnswer,
  decodeGroupOutcome,
  encodeGroupOperation,
  encodeGroupQuery,
  JOINERS_MAX,
} from './operations';

const group = () => {
  const solo = createSolo([]);
  const join = (nodeId: string, next = 3) => {
    const url = `http://${nodeId}`;
    const operation = encodeGroupOperation({
      kind: 'join',
      nodeId,
      role: 'active',
      peerUrl: url,
      clientUrl: url,
      nextReplicaNumber: replicaNumber(next),
    });
    const answer = solo.submit('group', operation);
    const outcome = answer.kind === 'outcome' ? decodeGroupOutcome(answer.bytes) : undefined;
    if (outcome === undefined) throw new Error(JSON.stringify(answer));
    return outcome.kind === 'joined' ? outcome.replicaNumber : undefined;
  };
  const joiners = () => {
    const answer = decodeGroupAnswer(
      solo.read('group', encodeGroupQuery({ kind: 'joiners' })).bytes,
    );
    return answer.kind === 'joiners' ? answer.joiners : [];
  };
  return { join, joiners };
};

describe('nodes that would join', () => {
  it('get a number each, above those of all members', () => {
    const { join, joiners } = group();
    expect([join('a'), join('b')]).toEqual([3, 4]);
    expect(joiners().map(({ nodeId, replicaNumber: number }) => [nodeId, number])).toEqual([
      ['a', 3],
      ['b', 4],
    ]);
  });

  it('keep their number however often they ask', () => {
    const { join } = group();
    expect([join('a'), join('b'), join('a')]).toEqual([3, 4, 3]);
  });

  it('never get a number that another has had, also when the oldest are forgotten', () => {
    const { join, joiners } = group();
    const given = Array.from({ length: 2 * JOINERS_MAX }, (_, n) => join(`n${n}`));
    expect(new Set(given).size).toBe(given.length);
    expect(joiners()).toHaveLength(JOINERS_MAX);
    expect(joiners()[0]?.nodeId).toBe(`n${JOINERS_MAX}`);
  });
});
