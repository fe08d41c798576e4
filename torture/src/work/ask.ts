import type { Chance } from '../chance';
import type { Caller, Consistency } from '../clients/caller';
import type { Question } from '../history/history';
import type { Subject } from './subject';

const GONE_SHARE = 0.01;
const TWICE_SHARE = 0.08;
const STALE_SHARE = 0.25;
const LEASE_SHARE = 0.1;

/** A change, by a client that now and then asks twice, or goes away before it is answered. */
export async function changeAs<State>(
  subject: Subject<State>,
  caller: Caller,
  question: Question,
  chance: Chance,
): Promise<void> {
  const terms = {
    ...(chance.happens(GONE_SHARE) && { goneAfterMs: chance.whole(0, 30) }),
    ...(chance.happens(TWICE_SHARE) && { twice: true }),
  };
  await subject.ask(caller.name, question, { ask: () => caller.change(question, terms) });
}

/** A read in one of the three ways; of the past, sometimes not before what is known to have happened. */
export async function readAs<State>(
  subject: Subject<State>,
  caller: Caller,
  question: Question,
  chance: Chance,
): Promise<void> {
  const consistency = consistencyOf(chance);
  const stale = consistency === 'stale';
  const minOp = stale && chance.happens(0.5) ? subject.newestOp : 0;
  await subject.ask(caller.name, question, {
    ask: () => caller.read(question, { consistency, ...(minOp > 0 && { minOp }) }),
    stale,
    ...(caller.takesMinOp && { minOp }),
  });
}

function consistencyOf(chance: Chance): Consistency {
  const share = chance.next();
  if (share < STALE_SHARE) return 'stale';
  return share < STALE_SHARE + LEASE_SHARE ? 'lease' : 'linearizable';
}
