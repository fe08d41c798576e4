import { nowMs } from '../clock';
import type { Caller } from '../clients/caller';
import type { Findings } from '../findings';
import { History, type Question } from '../history/history';
import { search } from '../history/linearizable';
import { showCall } from '../history/show';
import type { Retired } from './subject';

const AT_ONCE = 16;

/**
 * Everything that was ever used is read once more: it must be as some order of all calls left it. This is where something
 * acknowledged would be missing that nobody has looked at since.
 */
export async function lookAtAll<State>(
  retired: readonly Retired<State>[],
  questionsOf: (name: string) => readonly Question[],
  caller: Caller,
  findings: Findings,
): Promise<number> {
  const left = [...retired];
  let looks = 0;
  const work = async (): Promise<void> => {
    for (let one = left.pop(); one !== undefined; one = left.pop()) {
      const questions = questionsOf(one.name);
      if (await lookAt(one, questions, caller, findings)) looks += questions.length;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return looks;
}

async function lookAt<State>(
  { name, model, search: before, pending }: Retired<State>,
  questions: readonly Question[],
  caller: Caller,
  findings: Findings,
): Promise<boolean> {
  const history = new History();
  for (const question of questions) {
    const call = history.invoke(caller.name, question, nowMs());
    const fate = await caller.read(question);
    if (fate === undefined || fate === 'never') {
      findings.add('last look', `${name} cannot be read at the end`);
      return false;
    }
    history.complete(call, fate, nowMs());
  }
  const found = search(model, [...pending, ...history.calls], before.after);
  if (found.verdict === 'impossible') {
    const states = before.after.slice(0, 3).map(({ state }) => model.key(state));
    const what = `${name} should be ${states.join(' or ')}`;
    findings.add('nothing acknowledged is lost', what, history.calls.map(showCall));
  }
  return true;
}
