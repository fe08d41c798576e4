import type { Call, Model } from './history';
import { byPlace, showPlace, type Place } from './place';

/**
 * The order that the answers themselves tell, by their places in the log, must be one that the model allows: every answer
 * the one that this state gives. It says at once which answer is wrong, and it is the only one that can judge reads of
 * the past, whose place is theirs to choose. Undefined when all is well, or when it cannot be told, because a change has
 * no place or no answer.
 */
export function witnessFault<State>(
  model: Model<State>,
  calls: readonly Call[],
): string | undefined {
  const placed = inOrder(model, calls);
  if (placed === undefined) return undefined;
  let states: readonly State[] = [model.initial];
  for (const { call, place } of placed) {
    const { question, outcome } = call;
    if (outcome === undefined) continue;
    const next = states.flatMap((state) => model.after(state, question, outcome));
    if (next.length === 0) {
      const said = outcome.kind === 'done' ? JSON.stringify(outcome.value) : outcome.code;
      const state = states.map((each) => model.key(each)).join(' or ');
      return `at ${showPlace(place)} call ${call.id}, ${question.kind} of ${call.client}, answered ${said}, but the state there was ${state}`;
    }
    states = next;
  }
  return undefined;
}

interface Placed {
  readonly call: Call;
  readonly place: Place;
}

function inOrder<State>(model: Model<State>, calls: readonly Call[]): Placed[] | undefined {
  const placed: Placed[] = [];
  for (const call of calls) {
    const { outcome, question } = call;
    if (outcome === undefined) return undefined;
    const { place } = outcome;
    if (place !== undefined) placed.push({ call, place });
    else if (model.changes(question, outcome)) return undefined;
  }
  return placed.sort((a, b) => byPlace(a.place, b.place));
}
