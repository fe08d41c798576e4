import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Authenticator } from '../access/authenticator';
import type { Principal } from '../access/principal';
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
      request.principal = await authenticator.authenticate(request.headers.authorization);
    } catch (fault) {
      if (!(fault instanceof Problem)) throw fault;
      void reply.header('WWW-Authenticate', 'Bearer');
      sendProblem(reply, fault);
    }
  });
}

const isOpenToAll = ({ routeOptions }: FastifyRequest): boolean =>
  routeOptions.url !== undefined && OPEN_TO_ALL.has(routeOptions.url);
