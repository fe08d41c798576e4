import { pino, type Logger } from 'pino';
import { LogTail } from './log-tail';
import type { LogLevel } from '../config/log-level';
import { writeNow } from './write-now';

export type { Logger };

/** JSON lines on standard output: what happened in `msg`, its facts beside it. Secrets never. */
export function createLogger(level: LogLevel, replicaNumber: number): [Logger, LogTail] {
  const options = {
    level,
    base: { replica: replicaNumber },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  // Lines are rare, and the last ones of a process that is killed are those that are wanted.
  const tail = new LogTail({
    write: (line: string) => {
      writeNow(1, line);
    },
  });
  return [pino(options, tail), tail];
}
