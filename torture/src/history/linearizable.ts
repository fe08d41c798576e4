import type { Call, Model } from './history';

/** A state, and which of the calls under way have taken effect in it already. */
interface Configuration<State> {
  readonly state: State;
  readonly done: ReadonlySet<Call>;
}

export type Search<State> =
  /** `after` is everything that may be the case now, for a later look at the same thing. */
  | { readonly verdict: 'linearizable'; readonly after: readonly Configuration<State>[] }
  | { readonly verdict: 'impossible'; readonly call: Call; readonly before: readonly State[] }
  /** Too many possibilities: nothing is said. */
  | { readonly verdict: 'too-large' };

const CONFIGURATIONS_MAX = 50_000;

/**
 * Whether there is an order of these calls that the model allows and in which no call comes before one that had been
 * answered when it was asked. It trusts nothing that the answers say of their place. Calls take effect as late as they can,
 * when an answer needs them, and equal configurations are looked at once: the search of Wing and Gong ("Testing and
 * verifying concurrent objects", 1993) in the form of Lowe ("Testing for linearizability", 2017).
 */
export function search<State>(
  model: Model<State>,
  calls: readonly Call[],
  from: readonly Configuration<State>[] = [{ state: model.initial, done: new Set() }],
): Search<State> {
  const open = new Set<Call>();
  let configurations = from;
  for (const { call, answered } of momentsOf(calls)) {
    if (!answered) {
      open.add(call);
      continue;
    }
    const next = withEffect(model, configurations, open, call);
    if (next === undefined) return { verdict: 'too-large' };
    if (next.length === 0) {
      return { verdict: 'impossible', call, before: configurations.map(({ state }) => state) };
    }
    configurations = next;
    open.delete(call);
  }
  return { verdict: 'linearizable', after: configurations };
}

interface Moment {
  readonly call: Call;
  readonly answered: boolean;
}

/** Reads of the past have another rule. What was asked at the very moment of an answer counts as asked before it. */
function momentsOf(calls: readonly Call[]): Moment[] {
  const counted = calls.filter(({ stale }) => !stale);
  const moments = counted.map((call) => ({ call, answered: false, atMs: call.invokedMs }));
  for (const call of counted)
    if (call.outcome !== undefined) moments.push({ call, answered: true, atMs: call.completedMs });
  return moments.sort((a, b) => a.atMs - b.atMs || Number(a.answered) - Number(b.answered));
}

/** All configurations in which this call has taken effect, after whatever others may have before it. */
function withEffect<State>(
  model: Model<State>,
  from: readonly Configuration<State>[],
  open: ReadonlySet<Call>,
  target: Call,
): Configuration<State>[] | undefined {
  const found = new Map<string, Configuration<State>>();
  const seen = new Set<string>();
  const left = [...from];
  for (let one = left.pop(); one !== undefined; one = left.pop()) {
    const { state, done } = one;
    const key = keyOf(model, one);
    if (seen.has(key)) continue;
    seen.add(key);
    if (seen.size > CONFIGURATIONS_MAX) return undefined;
    if (done.has(target)) {
      const rest: Configuration<State> = { state, done: without(done, target) };
      found.set(keyOf(model, rest), rest);
      continue;
    }
    for (const call of open) {
      if (done.has(call)) continue;
      for (const next of effectsOf(model, state, call))
        left.push({ state: next, done: new Set([...done, call]) });
    }
  }
  return [...found.values()];
}

function effectsOf<State>(model: Model<State>, state: State, call: Call): readonly State[] {
  const { question, outcome } = call;
  return outcome === undefined
    ? model.afterUnknown(state, question)
    : model.after(state, question, outcome);
}

const without = (done: ReadonlySet<Call>, call: Call): Set<Call> =>
  new Set([...done].filter((each) => each !== call));

function keyOf<State>(model: Model<State>, { state, done }: Configuration<State>): string {
  const ids = [...done].map(({ id }) => id).sort((a, b) => a - b);
  return `${ids.join(',')}|${model.key(state)}`;
}

/**
 * A shorter history with the same fault: nothing after the answer that could not be given, and none of the calls that changed
 * nothing, as long as it stays impossible.
 */
export function shortened<State>(
  model: Model<State>,
  calls: readonly Call[],
  failing: Call,
): readonly Call[] {
  let short = calls.filter(({ invokedMs }) => invokedMs <= failing.completedMs);
  for (const call of short) {
    if (call === failing || call.outcome === undefined) continue;
    if (model.changes(call.question, call.outcome)) continue;
    const less = short.filter((each) => each !== call);
    if (search(model, less).verdict === 'impossible') short = less;
  }
  return short;
}
