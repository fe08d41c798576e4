import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Problem } from '../contract/problem';
import { sendProblem } from './problem.filter';

/** What keeps sessions alive, and what operators look at when there is too much to do. */
const ALWAYS =
  /^\/(?:health\/|metrics$|docs|\.well-known\/|v1\/(?:cluster|debug|sessions\/:id\/keepalive$))/;

/** Where everything would be turned away it is, before a body is read: that costs least. */
export function refuseWhenFull(
  instance: FastifyInstance,
  refusal: () => Problem | undefined,
): void {
  instance.addHook('onRequest', (request, reply, done) => {
    const problem = isAlwaysTaken(request) ? undefined : refusal();
    if (problem === undefined) done();
    else sendProblem(reply, problem);
  });
}

const isAlwaysTaken = ({ routeOptions }: FastifyRequest): boolean =>
  routeOptions.url === undefined || ALWAYS.test(routeOptions.url);
