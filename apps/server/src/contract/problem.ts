import { textOf, type JsonObject } from './json';
import { PROBLEMS, type Code } from './problem-codes';

/** A problem on the wire. (RFC 9457) */
export interface ProblemBody extends JsonObject {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
}

/**
 * An answer that is no result, for REST and the client channel alike: `application/problem+json`. (RFC 9457)
 * `members` help the client to go on: `field`, `holder`, `retryAfterMs`, `path`, `component` ...
 */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: Code;
  readonly members: JsonObject;

  constructor(code: Code, detail?: string, members: JsonObject = {}) {
    super(detail ?? `${PROBLEMS[code].title}.`);
    this.code = code;
    this.members = members;
  }

  get status(): number {
    return PROBLEMS[this.code].status;
  }

  toBody(): ProblemBody {
    return {
      type: `urn:lockstep:problem:${this.code}`,
      title: PROBLEMS[this.code].title,
      status: this.status,
      detail: this.message,
      code: this.code,
      ...this.members,
    };
  }
}

/** A part of the request that cannot be read: which one, and what it must be. */
export const malformed = (field: string, problem: string): Problem =>
  new Problem('malformed', field === '' ? `The request ${problem}.` : `${field} ${problem}.`, {
    field,
  });

/** The problem that was put into a body, to be thrown again. */
export function problemOfBody(body: JsonObject): Problem {
  const { type: _, title: __, status: ___, detail, code, ...members } = body;
  return new Problem(code as Code, textOf(detail), members);
}
