import type { Note } from '@lockstep/vr-core';
import { nameOf, wordsOf } from './event-words';
import type { LocalStates } from './local-states';
import type { MessageTable } from './message-table';
import type { TraceStep } from './exploration';

/** A trace, a few lines for each step: what happened to which replica, what it noted and said, and what it was then. */
export function traceLines(locals: LocalStates, trace: readonly TraceStep[]): string[] {
  return trace.flatMap((step, index) => linesOf(locals, step, index + 1));
}

/** A trace as it is recorded: nothing but what happened. */
export function wordsOfTrace(trace: readonly TraceStep[], messages: MessageTable): string[] {
  return trace.map(({ before, event }) => wordsOf(before.replica, event, messages));
}

function linesOf(locals: LocalStates, { before, event }: TraceStep, number: number): string[] {
  const { step, running } = locals.lives.take(before, event);
  const { status, viewNumber, commitNumber, log, execution } = running.state;
  const said = step.sent.map(({ to, message }) => `${nameOf(message)} -> ${to}`);
  const after =
    `view ${viewNumber} ${status}, op ${log.opNumber}, commit ${commitNumber}, ` +
    `executed ${execution.executed}`;
  return [
    `${String(number).padStart(3)}. ${wordsOf(before.replica, event, locals.messages)}`,
    ...step.notes.map((note) => `       ${noteOf(note)}`),
    ...(said.length === 0 ? [] : [`       says ${said.join(', ')}`]),
    `       ${step.fault ?? after}`,
  ];
}

function noteOf(note: Note): string {
  return note.kind === 'ignored' ? `ignores ${note.what}: ${note.reason}` : note.text;
}
