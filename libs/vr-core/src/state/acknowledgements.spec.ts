import * as fc from 'fast-check';
import { opNumber, replicaNumber } from '../numbers/numbers';
import { Acknowledgements } from './acknowledgements';

describe('acknowledgements (VRR §4.1 step 5)', () => {
  it('say the highest op that so many others hold', () => {
    const held = fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(held, (ops) => {
        const acknowledgements = new Acknowledgements(ops.length);
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
