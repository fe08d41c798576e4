import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** A request with its reply: for headers and the status, which the outcome decides. */
export interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Hands a controller its exchange; what the controller returns is still the body. */
export const CurrentExchange = createParamDecorator(
  (_: unknown, context: ExecutionContext): Exchange => ({
    request: context.switchToHttp().getRequest<FastifyRequest>(),
    reply: context.switchToHttp().getResponse<FastifyReply>(),
  }),
);

/** `Prefer: wait=N`: how long to wait for a primary, in seconds. (RFC 7240 §4.3) */
const WAIT = /(?:^|,)\s*wait\s*=\s*"?(\d{1,6})"?\s*(?:[,;]|$)/i;

/** The shortest time in which an answer can be expected at all. */
const TIMEOUT_MS_MIN = 250;

export function preferredWaitMs({ request }: Exchange, standard: number, most: number): number {
  const { prefer } = request.headers;
  const [, seconds] = WAIT.exec(Array.isArray(prefer) ? prefer.join(',') : (prefer ?? '')) ?? [];
  if (seconds === undefined) return standard;
  return Math.min(Math.max(Number(seconds) * 1000, TIMEOUT_MS_MIN), most);
}

export function headerOf({ request }: Exchange, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}
