import {
  decodeGroupOperation,
  encodeGroupOutcome,
  epochNumber,
  type Objection,
} from '@lockstep/vr-core';
import { fixedMoment } from './fixed-moment';
import { groupContract } from './group-contract';
import { problemOf } from './problem-of';

const NAMING = { request: 'r', session: undefined };
const MOMENT = fixedMoment(0);
const REPLICA = {
  id: 'n3',
  replicaNumber: 3,
  role: 'active',
  peerUrl: 'http://127.0.0.1:7403',
  clientUrl: 'http://127.0.0.1:7403',
};

const refused = (...objections: Objection[]) =>
  problemOf(() =>
    groupContract.outcome(encodeGroupOutcome({ kind: 'refused', objections }), {}, MOMENT),
  );

describe('the group as clients see it', () => {
  it('is asked for another one by the whole of it', () => {
    const op = { kind: 'reconfigure', epoch: 4, replicas: [REPLICA] };
    const { id: nodeId, ...fields } = REPLICA;
    expect(decodeGroupOperation(groupContract.operation(op, NAMING))).toEqual({
      kind: 'reconfigure',
      epochNumber: epochNumber(4),
      members: [{ nodeId, ...fields }],
    });
  });

  it.each<[object, string]>([
    [{ kind: 'reconfigure', epoch: 4, replicas: [{ ...REPLICA, vote: 2 }] }, 'replicas[0].vote'],
    [{ kind: 'reconfigure', epoch: 4, replicas: 'all' }, 'replicas'],
    [{ kind: 'reconfigure', epoch: -1, replicas: [REPLICA] }, 'epoch'],
    [{ kind: 'join', id: 'n4', role: 'king' }, 'role'],
    [{ kind: 'checkpoint', now: true }, 'now'],
    [{ kind: 'disband' }, 'kind'],
  ])('refuses %j by the name of the field', (op, field) => {
    const problem = problemOf(() => groupContract.operation(op as never, NAMING));
    expect(problem).toMatchObject({ code: 'malformed', members: { field } });
  });

  it('says of every refusal what to do', () => {
    const every: readonly Objection[] = [
      'another-epoch',
      'under-way',
      'group-size',
      'repeated-node',
      'changed-number',
      'used-number',
      'witness-count',
      'epoch-not-started',
      'not-warm',
      'too-few-heard',
    ];
    for (const code of every) expect(refused(code)?.message.length).toBeGreaterThan(20);
  });

  it('tells what may pass with time from what never will', () => {
    expect(refused('not-warm', 'too-few-heard')).toMatchObject({
      status: 409,
      code: 'reconfiguration-refused',
    });
    expect(refused('not-warm', 'group-size')).toMatchObject({
      status: 422,
      code: 'reconfiguration-invalid',
    });
    expect(refused('under-way')?.members['reasons']).toMatchObject([{ code: 'under-way' }]);
  });
});
