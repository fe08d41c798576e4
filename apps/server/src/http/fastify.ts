import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Origins } from '../access/origins';
import type { LimitSettings } from '../config/settings/limit-settings';
import { PROBLEMS } from '../contract/problem-codes';
import { Problem, malformed } from '../contract/problem';
import type { Surroundings } from '../replica-process';
import { authenticateAll } from './authentication';
import { guardOrigins, secureHeaders } from './browsers';
import { BODY_BYTES_MAX, parseJsonBody } from './json-body';
import { observeRequests } from './observe-requests';
import { refuseWhenFull } from './overload';
import { PROBLEM_TYPE, sendProblem } from './problem.filter';
import { writeOutcomes } from './requires';
import type { RouteTable } from './route-table';

/** Of a file that keeps its content here. */
const CONTENT_BYTES_MAX = 64 * 1024;

/** Longer than any name may be, so that one that is too long is told so by its field. */
const PARAM_LENGTH_MAX = 16_384;
const REQUEST_ID = /^[\x21-\x7e]{1,128}$/;

/** Paths of files are bytes and may be no text: they are kept out of the router, which would decode them. */
const FILE_PATH =
  /^(\/v1\/fs\/[^/?]+\/(?:path|entries|summary|quota|xattr|acl|content|chunks|locks|access))(?:\/[^?]*)?(\?.*)?$/;

const HDFS_PATH = /^(\/webhdfs\/v1)(?:\/[^?]*)?(\?.*)?$/;

export interface AdapterParts extends Surroundings {
  readonly routes: RouteTable;
  readonly limits: LimitSettings;
  readonly origins: Origins;
}

/** Fastify as this server needs it: bounded, and with a problem document for whatever it refuses by itself. */
export function createAdapter(parts: AdapterParts): FastifyAdapter {
  const { routes, origins, authenticator, intake, limits, credentials } = parts;
  const tls = credentials?.server;
  const adapter = new FastifyAdapter({
    ...(tls !== undefined && { https: tls }),
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: limits.requestMs,
    routerOptions: { maxParamLength: PARAM_LENGTH_MAX },
    genReqId: (request: IncomingMessage) => {
      const given = request.headers['x-request-id'];
      return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
    },
    rewriteUrl: ({ url = '/' }: IncomingMessage) =>
      url.replace(FILE_PATH, '$1/_$2').replace(HDFS_PATH, '$1/_$2'),
    frameworkErrors: (fault: FastifyError, _request: FastifyRequest, reply: FastifyReply) => {
      sendProblem(
        reply,
        fault.code === 'FST_ERR_MAX_PARAM_LENGTH'
          ? new Problem('uri-too-long')
          : malformed('path', 'is not percent-encoded UTF-8'),
      );
    },
    clientErrorHandler: onClientError,
  });
  const instance = adapter.getInstance<FastifyInstance>();
  routes.watch(instance);
  readBodies(instance);
  observeRequests(instance, parts);
  secureHeaders(instance, tls !== undefined);
  guardOrigins(instance, origins);
  refuseWhenFull(instance, () => intake.refusal);
  writeOutcomes(instance, parts.audit);
  authenticateAll(instance, authenticator);
  instance.server.maxConnections = limits.connectionsMax;
  return adapter;
}

function readBodies(instance: FastifyInstance): void {
  instance.removeAllContentTypeParsers();
  instance.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_, body, done) => {
    try {
      done(null, parseJsonBody(body as Buffer));
    } catch (fault) {
      done(fault as Error);
    }
  });
  // The content of a small file, as it is.
  instance.addContentTypeParser(
    'application/octet-stream',
    { parseAs: 'buffer', bodyLimit: CONTENT_BYTES_MAX },
    (_, body, done) => {
      done(null, body);
    },
  );
  // Clients of WebHDFS say anything, or nothing, of the content that they send.
  instance.addContentTypeParser(
    '*',
    { parseAs: 'buffer', bodyLimit: CONTENT_BYTES_MAX },
    (request, body, done) => {
      if (request.url.startsWith('/webhdfs/')) done(null, body);
      else done(new Problem('unsupported-media-type'));
    },
  );
}

/** What is no HTTP at all, or has too many headers, is met before there is a request. */
function onClientError(fault: Error & { code?: string }, socket: Socket): void {
  if (fault.code === 'ECONNRESET' || socket.destroyed) return;
  const problem =
    fault.code === 'HPE_HEADER_OVERFLOW'
      ? new Problem('headers-too-large', 'Path and headers have at most 16 KiB together.')
      : malformed('', 'is not HTTP');
  const body = JSON.stringify(problem.toBody());
  const head = [
    `HTTP/1.1 ${problem.status} ${PROBLEMS[problem.code].title}`,
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  if (socket.writable) socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
