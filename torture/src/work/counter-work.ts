import type { Chance } from '../chance';
import type { Caller } from '../clients/caller';
import { changeAs, readAs } from './ask';
import type { Subject } from './subject';

/** Adds to a counter, or looks at it. */
export async function useCounter(
  subject: Subject<number>,
  caller: Caller,
  chance: Chance,
): Promise<void> {
  const { name } = subject;
  if (chance.happens(0.6)) {
    const by = chance.whole(1, 9);
    await changeAs(subject, caller, { service: 'counter', kind: 'add', name, by }, chance);
  } else {
    await readAs(subject, caller, { service: 'counter', kind: 'get', name }, chance);
  }
}
