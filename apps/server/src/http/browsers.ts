import helmet from '@fastify/helmet';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Origins } from '../access/origins';
import { Problem } from '../contract/problem';
import { sendProblem } from './problem.filter';

/** `/docs` is the only page here: its scripts are files, its styles are not. */
const CONTENT_SECURITY_POLICY = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ["'self'", 'data:'],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
};

const YEAR_SECONDS = 31_536_000;

/** What browsers are told of every answer. */
export function secureHeaders(instance: FastifyInstance, isTls: boolean): void {
  void instance.register(helmet, {
    contentSecurityPolicy: CONTENT_SECURITY_POLICY,
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    // Of a port that speaks plain text it would be a lie. (RFC 6797 §7.2)
    hsts: isTls ? { maxAge: YEAR_SECONDS, includeSubDomains: false } : false,
  });
}

const METHODS = 'GET, HEAD, PUT, POST, PATCH, DELETE';
const HEADERS =
  'Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, Range, X-Request-Id';
const EXPOSED = 'ETag, Location, Retry-After, X-Request-Id';
const PREFLIGHT_SECONDS = 600;
const CHANGES_NOTHING: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/**
 * Pages of origins that were allowed by name may read answers; a page of any other may not even ask for a change, with which
 * it could do harm without reading the answer. (WHATWG Fetch §3.3)
 */
export function guardOrigins(instance: FastifyInstance, origins: Origins): void {
  instance.addHook('onRequest', (request, reply, done) => {
    const { origin } = request.headers;
    if (origin === undefined) {
      done();
      return;
    }
    void reply.header('Vary', 'Origin');
    const isNamed = origins.isNamed(origin);
    if (isNamed) allow(reply, origin);
    if (isNamed && isPreflight(request)) answerPreflight(reply);
    else if (origins.mayAsk(request.raw) || CHANGES_NOTHING.has(request.method)) done();
    else sendProblem(reply, refusal(origin));
  });
}

const isPreflight = ({ method, headers }: FastifyRequest): boolean =>
  method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;

function allow(reply: FastifyReply, origin: string): void {
  void reply
    .header('Access-Control-Allow-Origin', origin)
    .header('Access-Control-Expose-Headers', EXPOSED)
    .header('Cross-Origin-Resource-Policy', 'cross-origin');
}

function answerPreflight(reply: FastifyReply): void {
  void reply
    .code(204)
    .header('Access-Control-Allow-Methods', METHODS)
    .header('Access-Control-Allow-Headers', HEADERS)
    .header('Access-Control-Max-Age', PREFLIGHT_SECONDS)
    .send();
}

const refusal = (origin: string): Problem =>
  new Problem('forbidden', `Pages of ${origin} may not use this server (cors.origins).`);
