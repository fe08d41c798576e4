import { REQUEST_WINDOW } from './protocol';
import { RequestNumbers } from './request-numbers';

describe('the request-numbers of a session (decision 1)', () => {
  it('acknowledges only below the lowest number without an answer', () => {
    const numbers = new RequestNumbers();
    const [first, second, third] = [numbers.take(), numbers.take(), numbers.take()] as number[];
    numbers.settle(second!);
    expect(numbers.ackedBelow).toBe(first);
    numbers.settle(first!);
    expect(numbers.ackedBelow).toBe(third);
    numbers.settle(third!);
    expect(numbers.ackedBelow).toBe(third! + 1);
  });

  it('has W open at most, counted from the lowest, and goes on when that one is settled', () => {
    const numbers = new RequestNumbers();
    for (let n = 0; n < REQUEST_WINDOW; n++) expect(numbers.take()).toBe(n + 1);
    expect(numbers.take()).toBeUndefined();
    numbers.settle(2);
    expect(numbers.take()).toBeUndefined();
    numbers.settle(1);
    expect(numbers.take()).toBe(REQUEST_WINDOW + 1);
    expect(numbers.take()).toBe(REQUEST_WINDOW + 2);
    expect(numbers.take()).toBeUndefined();
  });

  it('keeps an abandoned number open for a retry until the room is needed', () => {
    const numbers = new RequestNumbers();
    const abandoned = numbers.take()!;
    numbers.abandon(abandoned);
    for (let n = 1; n < REQUEST_WINDOW; n++) numbers.take();
    expect(numbers.ackedBelow).toBe(abandoned);
    expect(numbers.take()).toBe(REQUEST_WINDOW + 1);
    expect(numbers.ackedBelow).toBe(abandoned + 1);
  });

  it('settles a number once, and an abandoned one when its retry is answered', () => {
    const numbers = new RequestNumbers();
    const first = numbers.take()!;
    numbers.abandon(first);
    numbers.settle(first);
    numbers.settle(first);
    numbers.abandon(first);
    expect(numbers.ackedBelow).toBe(2);
    expect(numbers.take()).toBe(2);
  });
});
