import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Authenticator } from '../access/authenticator';
import type { Principal } from '../access/principal';
import { Unauthenticated } from '../access/refusal';
import { Problem } from '../contract/problem';
import { sendProblem } from './problem.filter';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks: known before any route is entered. */
    principal: Principal;
  }
}

/** Probes, and where the group is to be found: what must be known to come in at all. */
const OPEN_TO_ALL: ReadonlySet<string> = new Set([
  '/health/live',
  '/health/ready',
  '/.well-known/lockstep',
]);

/** Nobody gets as far as a route, or to learn whether there is one, without being somebody. (RFC 6750 §3) */
export function authenticateAll(instance: FastifyInstance, authenticator: Authenticator): void {
  instance.addHook('onRequest', async (request, reply) => {
    if (isOpenToAll(request)) return;
    try {
      request.principal = await authenticator.authenticate({
        authorization: request.headers.authorization,
        from: request.ip,
        method: request.method,
        path: request.originalUrl,
      });
    } catch (fault) {
      if (!(fault instanceof Problem)) throw fault;
      if (fault.status === 401) void reply.header('WWW-Authenticate', challengeOf(fault));
      sendProblem(reply, fault);
    }
  });
}

/** What is missing, or what is wrong with what was shown. (RFC 6750 §3) */
function challengeOf(fault: Problem): string {
  const challenge = 'Bearer realm="lockstep"';
  if (!(fault instanceof Unauthenticated) || fault.reason === 'missing') return challenge;
  const error = fault.reason === 'scheme' ? 'invalid_request' : 'invalid_token';
  return `${challenge}, error="${error}", error_description="${fault.message}"`;
}

const isOpenToAll = ({ routeOptions }: FastifyRequest): boolean =>
  routeOptions.url !== undefined && OPEN_TO_ALL.has(routeOptions.url);
