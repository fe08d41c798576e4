import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { textOf } from '../../contract/json';
import { malformed, Problem } from '../../contract/problem';

interface JavaException {
  readonly status: number;
  readonly className: string;
}

const HDFS = 'org.apache.hadoop.hdfs.protocol.';
const HADOOP_FS = 'org.apache.hadoop.fs.';
const denied = { status: 403, className: 'org.apache.hadoop.security.AccessControlException' };
const retriable = { status: 503, className: 'org.apache.hadoop.ipc.RetriableException' };
const illegal = { status: 400, className: 'java.lang.IllegalArgumentException' };
const inputOutput = { status: 403, className: 'java.io.IOException' };

/** What Java clients of HDFS expect for each code; what is not here is an IOException. */
const EXCEPTIONS: Readonly<Record<string, JavaException>> = {
  malformed: illegal,
  EACCES: denied,
  forbidden: denied,
  EPERM: denied,
  EROFS: denied,
  ENOENT: { status: 404, className: 'java.io.FileNotFoundException' },
  ESTALE: { status: 404, className: 'java.io.FileNotFoundException' },
  EEXIST: { status: 403, className: `${HADOOP_FS}FileAlreadyExistsException` },
  ENOTDIR: { status: 403, className: `${HADOOP_FS}ParentNotDirectoryException` },
  ENOTEMPTY: { status: 403, className: `${HADOOP_FS}PathIsNotEmptyDirectoryException` },
  EDQUOT: { status: 403, className: `${HDFS}QuotaExceededException` },
  ENAMETOOLONG: {
    status: 403,
    className: `${HDFS}FSLimitException$PathComponentTooLongException`,
  },
  ELOOP: { status: 403, className: `${HDFS}UnresolvedPathException` },
  EINVAL: illegal,
  EOPNOTSUPP: { status: 400, className: 'java.lang.UnsupportedOperationException' },
  'no-primary': retriable,
  'outcome-unknown': retriable,
  busy: retriable,
  moved: retriable,
  witness: retriable,
  joining: retriable,
  stopping: retriable,
  'no-lease': retriable,
  'too-stale': retriable,
  'active-missing': retriable,
  'internal-error': { status: 500, className: 'java.lang.RuntimeException' },
};

/** Every problem as WebHDFS tells it: `{RemoteException: {exception, javaClassName, message}}`. */
@Catch()
export class RemoteExceptionFilter implements ExceptionFilter {
  catch(fault: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const problem = problemOf(fault);
    const { status, className } = EXCEPTIONS[problem.code] ?? inputOutput;
    const exception = className.slice(className.lastIndexOf('.') + 1);
    const about = ['path', 'component', 'rule', 'primary']
      .filter((name) => problem.members[name] !== undefined)
      .map((name) => `${name}=${textOf(problem.members[name])}`);
    const message = [`${problem.code}: ${problem.message}`, ...about].join(' ');
    if (typeof problem.members['retryAfterMs'] === 'number') void reply.header('Retry-After', 1);
    void reply
      .status(status)
      .type('application/json')
      .send({ RemoteException: { exception, javaClassName: className, message } });
  }
}

function problemOf(fault: unknown): Problem {
  if (fault instanceof Problem) return fault;
  if (fault instanceof HttpException) return malformed('', `cannot be read: ${fault.message}`);
  throw fault;
}
