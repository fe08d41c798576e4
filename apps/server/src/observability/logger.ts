import { pino, type Logger } from 'pino';
import type { LogLevel } from '../config/replica-config';

export type { Logger };

/** JSON lines on standard output: what happened in `msg`, its facts beside it. Secrets never. */
export function createLogger(level: LogLevel, replicaNumber: number): Logger {
  return pino({
    level,
    base: { replica: replicaNumber },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
}
