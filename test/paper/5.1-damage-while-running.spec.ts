import type { DamageOnDisk } from '@lockstep/vr-core';
import { HandDrivenGroup } from './hand-driven-group';

const ALL = [0, 1, 2];
const LIMITS = { checkpointOps: 5, logKeepOps: 0 };
const LOG: DamageOnDisk = { kind: 'damaged', log: true, pages: [] };
const PAGES: DamageOnDisk = { kind: 'damaged', log: false, pages: 'all' };

function newGroup(names: readonly string[]): HandDrivenGroup {
  const group = new HandDrivenGroup(3, [], { limits: LIMITS });
  group.settle(ALL);
  for (const name of names) {
    group.add(0, name);
    group.settle(ALL);
  }
  return group;
}

const THREE = ['a', 'b', 'c'];
const FOUR = [...THREE, 'd'];

describe('damage that is found on the disk of a replica at work (D46; ADR 20)', () => {
  it('in the log is written over from memory, and no peer is asked', () => {
    const group = newGroup(THREE);
    group.drop();
    group.damage(1, 3);
    group.damage(1, 4);
    expect(group.holdsOnDisk(1, 3)).toBe(false);
    group.input(1, LOG);
    expect(group.letters).toEqual([]);
    for (const op of [1, 2, 3, 4]) expect(group.holdsOnDisk(1, op)).toBe(true);
    group.crash(1);
    group.restart(1);
    expect(group.view(1)).toMatchObject({ status: 'normal', opNumber: 4 });
  });

  it('lets nothing be acknowledged that is not on the disk yet', () => {
    const group = newGroup(THREE);
    group.holdDisk(1);
    group.add(0, 'late');
    group.deliver({ kind: 'Prepare', to: 1 });
    group.input(1, LOG);
    expect(group.hold({ kind: 'PrepareOk', from: 1 })).toEqual([]);
    group.releaseDisk(1);
    expect(group.hold({ kind: 'PrepareOk', from: 1 })).not.toEqual([]);
  });

  it('is left to the repair under way when the log in memory has holes too', () => {
    const group = newGroup(THREE);
    group.crash(1);
    group.damage(1, 3);
    group.restart(1);
    expect(group.view(1).status).toBe('view-change');
    const stores = group.storesOf(1);
    group.input(1, LOG);
    expect(group.storesOf(1)).toBe(stores);
    group.run(500, ALL);
    expect(group.view(1)).toMatchObject({ status: 'normal', opNumber: 4 });
  });

  it('makes no log of nothing where the log is lost', () => {
    const group = newGroup(THREE);
    group.crash(1, { log: true });
    group.restart(1);
    const stores = group.storesOf(1);
    group.input(1, LOG);
    expect(group.storesOf(1)).toBe(stores);
  });

  it('in pages is written over with a checkpoint at once, due or not', () => {
    const group = newGroup(FOUR);
    group.run(200, ALL);
    group.add(0, 'e');
    group.settle(ALL);
    expect(group.view(2)).toMatchObject({ executedNumber: 6, checkpoint: { opNumber: 5 } });
    group.damagePage(2);
    group.input(2, PAGES);
    group.run(200, ALL);
    expect(group.view(2).checkpoint).toMatchObject({ opNumber: 6 });
    group.crash(2);
    group.restart(2);
    expect(group.view(2)).toMatchObject({ stateWhole: true, transfer: undefined });
    expect(group.valueAt(2, 'a')).toBe(1);
  });

  it('does not keep the next checkpoint that is due from being the same everywhere', () => {
    const group = newGroup(FOUR);
    group.run(200, ALL);
    group.input(2, PAGES);
    for (const name of ['e', 'f', 'g', 'h', 'i']) {
      group.add(0, name);
      group.settle(ALL);
    }
    group.run(500, ALL);
    const [first, ...others] = ALL.map((number) => group.view(number).checkpoint);
    expect(first).toMatchObject({ opNumber: 10 });
    expect(others).toEqual([first, first]);
    expect(group.view(0).baseNumber).toBe(10);
  });

  it('does not make one replica two that agree on a checkpoint', () => {
    const group = newGroup(FOUR);
    group.run(200, [0]);
    group.input(0, PAGES);
    group.run(200, [0]);
    expect(group.view(0)).toMatchObject({ checkpoint: { opNumber: 5 }, baseNumber: 0 });
    group.run(500, ALL);
    expect(group.view(0).baseNumber).toBe(5);
  });

  it('ends a checkpoint in the making, of which pages are lost with the rest', () => {
    const group = new HandDrivenGroup(3, [], { limits: { ...LIMITS, checkpointPagesPerTick: 1 } });
    group.settle(ALL);
    for (const name of FOUR) {
      group.add(0, name);
      group.settle(ALL);
    }
    group.tick(10, [2]);
    group.losePages(2);
    group.input(2, PAGES);
    group.add(0, 'e');
    group.settle(ALL);
    for (let left = 100; group.view(2).checkpoint === undefined && left > 0; left -= 1)
      group.run(10, ALL);
    expect(group.view(2).checkpoint).toMatchObject({ opNumber: 6 });
    group.crash(2);
    group.restart(2);
    expect(group.view(2)).toMatchObject({ stateWhole: true, transfer: undefined });
  });
});
