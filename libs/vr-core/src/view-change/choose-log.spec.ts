import fc from 'fast-check';
import type { DoViewChange } from '../messages/do-view-change';
import { chooseLog } from './choose-log';

function offer(from: number, lastNormalView: number, op: number, commit: number): DoViewChange {
  return {
    kind: 'DoViewChange',
    epochNumber: 0,
    viewNumber: 9,
    replicaNumber: from,
    incarnation: 1,
    lastNormalView: { epochNumber: 0, viewNumber: lastNormalView },
    opNumber: op,
    headHash: `${lastNormalView}/${op}`,
    commitNumber: commit,
    entries: [],
    incarnations: [],
  } as unknown as DoViewChange;
}

describe('chooseLog (VRR §4.2, step 3)', () => {
  it('takes the latest normal view before the longest log (E12)', () => {
    const chosen = chooseLog([offer(0, 1, 9, 9), offer(1, 2, 3, 2), offer(2, 0, 20, 0)]);
    expect(chosen?.from.replicaNumber).toBe(1);
  });

  it('takes the largest commit-number from whatever log', () => {
    expect(chooseLog([offer(0, 1, 9, 7), offer(1, 2, 9, 2)])?.commitNumber).toBe(7);
  });

  it('agrees with the chooser that sorts everything, in whatever order the offers come', () => {
    const one = fc.tuple(fc.nat(4), fc.nat(6), fc.nat(6));
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 9 }), fc.nat(8), (logs, turn) => {
        const offers = logs.map(([view, op, commit], from) => offer(from, view, op, commit));
        const turned = [...offers.slice(turn), ...offers.slice(0, turn)];
        const sorted = [...offers].sort(
          (a, b) =>
            b.lastNormalView.viewNumber - a.lastNormalView.viewNumber || b.opNumber - a.opNumber,
        );
        const chosen = chooseLog(turned);
        expect(chosen?.from.headHash).toBe(sorted[0]?.headHash);
        expect(chosen?.commitNumber).toBe(Math.max(...logs.map(([, , commit]) => commit)));
      }),
    );
  });
});
