import type { LoggerService } from '@nestjs/common';
import type { Logger } from './logger';

/** Nest's own lines, in our log: its start-up chatter is for who asks for it. */
export class NestLogger implements LoggerService {
  private readonly logger: Logger;

  constructor(logger: Logger) {
    this.logger = logger;
  }

  log(message: unknown): void {
    this.logger.debug(String(message));
  }

  debug(message: unknown): void {
    this.logger.debug(String(message));
  }

  verbose(message: unknown): void {
    this.logger.trace(String(message));
  }

  warn(message: unknown): void {
    this.logger.warn(String(message));
  }

  error(message: unknown, stack?: unknown): void {
    this.logger.error({ stack }, String(message));
  }

  fatal(message: unknown): void {
    this.logger.fatal(String(message));
  }
}
