import { ConfigError } from '../config/replica-config';

/** An op-number of the command line; undefined when it was not given. Throws `ConfigError` that names the flag. */
export function readOp(flag: string, text: string | undefined): number | undefined {
  return text === undefined ? undefined : readCount(flag, text, 0, Number.MAX_SAFE_INTEGER);
}

export function readCount(flag: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^\d{1,16}$/.test(text) || value < least || value > most)
    throw new ConfigError(flag, `${text} is not a number from ${least} to ${most}`);
  return value;
}
