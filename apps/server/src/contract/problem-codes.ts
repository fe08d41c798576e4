/** What a problem's code means: one row a code, for the answers, the OpenAPI document and the server's README. */
export interface ProblemKind {
  readonly status: number;
  readonly title: string;
}

/** Every code a client can meet. Clients switch on the code, never on the status. (RFC 9457) */
export const PROBLEMS = {
  malformed: { status: 400, title: 'A part of the request cannot be read' },
  'invalid-json': { status: 400, title: 'The body is not JSON' },
  'reserved-name': { status: 400, title: 'The name is a word of the API' },
  'not-your-session': { status: 403, title: 'The session belongs to another principal' },
  'no-such-route': { status: 404, title: 'There is nothing at this path' },
  'unknown-service': { status: 404, title: 'There is no such service' },
  'unknown-session': { status: 404, title: 'There is no such session' },
  'unknown-request': { status: 404, title: 'There is no such request, or it ended long ago' },
  'method-not-allowed': { status: 405, title: 'The path has no such method' },
  'out-of-range': { status: 409, title: 'The counter would leave its range' },
  'already-acknowledged': { status: 409, title: 'The client has acknowledged this answer' },
  'already-held': { status: 409, title: 'The owner holds the lock by another request' },
  'already-queued': { status: 409, title: 'The owner waits for the lock by another request' },
  'request-reused': { status: 409, title: 'The name was used for another request' },
  'request-window': { status: 409, title: 'The request-number is too far ahead' },
  'session-expired': { status: 410, title: 'The session has ended' },
  'stale-fence': { status: 412, title: 'The fence is not the one that is held' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'uri-too-long': { status: 414, title: 'The path is too long' },
  'unsupported-media-type': { status: 415, title: 'The body must be application/json' },
  'lock-delay': { status: 423, title: 'The lock waits out the delay after a lost holder' },
  'lock-held': { status: 423, title: 'The lock is held' },
  'headers-too-large': { status: 431, title: 'The headers are too large' },
  'internal-error': { status: 500, title: 'The server failed' },
  'not-implemented': { status: 501, title: 'The server does not do this' },
  busy: { status: 503, title: 'Too much is waiting' },
  'no-primary': { status: 503, title: 'There is no primary, and nothing was sent' },
  'too-stale': { status: 503, title: 'This replica has not heard from the primary lately' },
  'outcome-unknown': { status: 504, title: 'It may have been executed, or may yet be' },
  EACCES: { status: 403, title: 'Permission denied' },
  EADDRINUSE: { status: 409, title: 'Address already in use' },
  EBUSY: { status: 423, title: 'The object is in use' },
  EEXIST: { status: 409, title: 'The file exists' },
  EFBIG: { status: 413, title: 'The file is too large' },
  EINVAL: { status: 400, title: 'Invalid argument' },
  EISDIR: { status: 409, title: 'It is a directory' },
  ELOOP: { status: 422, title: 'Too many symbolic links' },
  EMLINK: { status: 422, title: 'Too many links' },
  ENAMETOOLONG: { status: 414, title: 'The name is too long' },
  ENOENT: { status: 404, title: 'No such file or directory' },
  ENOTDIR: { status: 409, title: 'It is not a directory' },
  ENOTEMPTY: { status: 409, title: 'The directory is not empty' },
  EOPNOTSUPP: { status: 501, title: 'The operation is not supported' },
  EPERM: { status: 403, title: 'The operation is not permitted' },
  ESTALE: { status: 410, title: 'The object is gone' },
} as const satisfies Record<string, ProblemKind>;

export type Code = keyof typeof PROBLEMS;
