import { bool, bytes, counter, integer, list, struct, text, union, word } from '../encoding/shape';
import type { Answer } from '../execution/answer';
import type { OpNumber } from '../numbers/numbers';
import type { Shape } from '../encoding/shape';
import { headerFields, type Header } from './header';

/** ⟨FORWARDED v, answers⟩: what became of forwarded requests, sent with the commit. (decision 13) */
export interface Forwarded extends Header {
  readonly kind: 'Forwarded';
  readonly answers: readonly {
    /** As `nameKey` spells it. */
    readonly name: string;
    readonly answer: Answer;
  }[];
}

const OUTCOME_BYTES_MAX = 4 << 20;

export const answerShape: Shape<Answer> = union({
  outcome: struct({
    refused: bool,
    bytes: bytes(OUTCOME_BYTES_MAX),
    opNumber: counter<OpNumber>(),
    index: integer(),
    replayed: bool,
  }),
  problem: struct({
    code: word(
      'session-expired',
      'not-your-session',
      'already-acknowledged',
      'request-window',
      'request-reused',
      'internal-error',
      'unknown-service',
      'no-primary',
      'outcome-unknown',
      'busy',
      'active-missing',
      'moved',
      'witness',
    ),
  }),
});

export const forwardedShape = struct({
  ...headerFields,
  answers: list(struct({ name: text(600), answer: answerShape }), 1 << 16),
});
