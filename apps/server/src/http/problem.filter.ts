import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem, malformed } from '../contract/problem';
import type { Logger } from '../observability/logger';
import type { RouteTable } from './route-table';

export const PROBLEM_TYPE = 'application/problem+json';

/** Whatever is thrown on the way of a request becomes a problem document. (RFC 9457) */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger: Logger;
  private readonly routes: RouteTable;

  constructor(logger: Logger, routes: RouteTable) {
    this.logger = logger;
    this.routes = routes;
  }

  catch(fault: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    sendProblem(http.getResponse<FastifyReply>(), this.problemOf(fault, request));
  }

  private problemOf(fault: unknown, request: FastifyRequest): Problem {
    if (fault instanceof Problem) return fault;
    if (fault instanceof HttpException) return this.problemOfStatus(fault, request);
    if (isHungUp(fault)) return malformed('', 'ended before it was whole');
    this.logger.error(
      { err: fault, requestId: request.id, route: request.routeOptions.url },
      'a request failed by our fault',
    );
    return new Problem('internal-error');
  }

  /** What Nest and Fastify refuse by themselves. */
  private problemOfStatus(fault: HttpException, request: FastifyRequest): Problem {
    switch (fault.getStatus()) {
      case 404:
        return this.noRoute(request);
      case 413:
        return new Problem('body-too-large', `A body has at most ${1 << 20} bytes.`);
      case 415:
        return new Problem('unsupported-media-type');
      default:
        return malformed('', `cannot be read: ${fault.message}`);
    }
  }

  private noRoute({ method, url }: FastifyRequest): Problem {
    const methods = this.routes.methodsOf(url);
    if (methods.length === 0 || methods.includes(method)) return new Problem('no-such-route');
    return new Problem('method-not-allowed', undefined, { allow: methods });
  }
}

/** Nobody is there any more to be told. */
const isHungUp = (fault: unknown): boolean =>
  fault instanceof Error && 'code' in fault && fault.code === 'ECONNRESET';

export function sendProblem(reply: FastifyReply, problem: Problem): void {
  const { retryAfterMs, allow } = problem.members;
  if (typeof retryAfterMs === 'number')
    void reply.header('Retry-After', Math.ceil(retryAfterMs / 1000));
  if (Array.isArray(allow)) void reply.header('Allow', allow.join(', '));
  void reply.status(problem.status).type(PROBLEM_TYPE).send(JSON.stringify(problem.toBody()));
}
