import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Input } from '@lockstep/vr-core';
import { Mailbox } from './mailbox';

const tick: Input = { kind: 'tick' };
const lost: Input = { kind: 'step-down' };

describe('the mailbox', () => {
  const taken: string[] = [];
  let mailbox: Mailbox;

  beforeEach(() => {
    taken.length = 0;
    mailbox = new Mailbox({
      take: (input) => taken.push(input.kind),
      endOfTurn: () => taken.push('end'),
    });
  });

  it('takes all of one turn in its order, in one go, and ends the turn once', async () => {
    mailbox.post(tick);
    mailbox.post(lost);
    mailbox.post(tick);
    expect(taken).toEqual([]);
    await nextTurn();
    expect(taken).toEqual(['tick', 'step-down', 'tick', 'end']);
  });

  it('leaves what follows from a turn to the next', async () => {
    const follow = jest.fn(() => {
      if (follow.mock.calls.length === 1) mailbox.post(lost);
    });
    mailbox = new Mailbox({ take: (input) => taken.push(input.kind), endOfTurn: follow });
    mailbox.post(tick);
    await nextTurn();
    await nextTurn();
    expect(taken).toEqual(['tick', 'step-down']);
    expect(follow).toHaveBeenCalledTimes(2);
  });

  it('takes nothing more once it is closed, not even of this turn', async () => {
    mailbox = new Mailbox({
      take: (input) => {
        taken.push(input.kind);
        mailbox.close();
      },
      endOfTurn: () => taken.push('end'),
    });
    mailbox.post(tick);
    mailbox.post(lost);
    await nextTurn();
    mailbox.post(tick);
    await nextTurn();
    expect(taken).toEqual(['tick']);
  });
});
