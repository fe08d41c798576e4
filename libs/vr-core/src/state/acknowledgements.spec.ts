import * as fc from 'fast-check';
import { epochNumber, opNumber, replicaNumber } from '../numbers/numbers';
import { Acknowledgements } from './acknowledgements';
import type { Configuration } from './configuration';

describe('acknowledgements (VRR §4.1 step 5)', () => {
  it('say the highest op that so many others hold', () => {
    const held = fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(held, (ops) => {
        const self = replicaNumber(ops.length);
        const acknowledgements = new Acknowledgements(groupOf(ops.length + 1), self);
        ops.forEach((op, number) => {
          acknowledgements.record(replicaNumber(number), opNumber(op), op, 0);
        });
        for (let count = 1; count <= ops.length; count += 1) {
          const holders = ops.filter((op) => op >= acknowledgements.heldByAtLeast(count)).length;
          const higher = ops.filter((op) => op > acknowledgements.heldByAtLeast(count)).length;
          expect(holders).toBeGreaterThanOrEqual(count);
          expect(higher).toBeLessThan(count);
        }
      }),
    );
  });
});

function groupOf(size: number): Configuration {
  const members = Array.from({ length: size }, (_, number) => ({
    replicaNumber: replicaNumber(number),
    nodeId: `node-${number}`,
    role: 'active' as const,
    peerUrl: '',
    clientUrl: '',
  }));
  return { epochNumber: epochNumber(0), members, nextReplicaNumber: replicaNumber(size) };
}
