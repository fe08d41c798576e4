import type { Model, Outcome, Question } from '../history/history';

/** A number that starts at 0. */
export const counterModel: Model<number> = {
  initial: 0,

  key: (state) => String(state),

  after(state, question, outcome) {
    if (outcome.kind === 'refused') return [state];
    const next = state + amountOf(question);
    return valueOf(outcome) === next ? [next] : [];
  },

  afterUnknown: (state, question) => [state + amountOf(question)],

  changes: ({ kind }, outcome) => kind === 'add' && outcome.kind === 'done',
};

const amountOf = ({ kind, by }: Question): number => (kind === 'add' ? Number(by) : 0);

const valueOf = (outcome: Extract<Outcome, { kind: 'done' }>): unknown =>
  (outcome.value as { readonly value?: unknown }).value;
