import * as fc from 'fast-check';
import { FreePages } from './free-pages';

describe('free pages', () => {
  it('are given the lowest first, whatever was added and taken before', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(500)), fc.array(fc.boolean()), (pages, takes) => {
        const rising = pages.splice(0, pages.length / 2).sort((a, b) => a - b);
        const twin = new Set(rising);
        const free = new FreePages([...rising]);
        const take = () => {
          const lowest = twin.size === 0 ? undefined : Math.min(...twin);
          expect(free.take()).toBe(lowest);
          if (lowest !== undefined) twin.delete(lowest);
        };
        pages.forEach((page, at) => {
          free.add(page);
          twin.add(page);
          if (takes[at]) take();
        });
        while (twin.size > 0) take();
        take();
      }),
    );
  });
});
