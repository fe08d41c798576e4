import { setImmediate as nextTurn } from 'node:timers/promises';
import { Turn } from './turn';

describe('a turn of the event loop', () => {
  it('does at its end what was asked for, once, also what the end itself asks for', () => {
    const turn = new Turn();
    const done: string[] = [];
    turn.atEnd(() => {
      done.push('first');
      turn.atEnd(() => done.push('second'));
    });
    turn.end();
    turn.end();
    expect(done).toEqual(['first', 'second']);
  });

  it('ends by itself when nobody ends it', async () => {
    const turn = new Turn();
    const work = jest.fn();
    turn.atEnd(work);
    expect(work).not.toHaveBeenCalled();
    await nextTurn();
    expect(work).toHaveBeenCalledTimes(1);
  });

  it('is counted', () => {
    const turn = new Turn();
    const before = turn.number;
    turn.end();
    expect(turn.number).toBe(before + 1);
  });
});
