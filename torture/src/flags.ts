import { parseArgs } from 'node:util';

/** A flag that means nothing: one line for the user, exit code 2. */
export class UsageError extends Error {}

interface Flag {
  /** What stands for its value; a flag without one is on or off. */
  readonly value?: string;
  readonly help: string;
  readonly fallback?: string;
}

export type Flags = Readonly<Record<string, Flag>>;

export function parseFlags(
  flags: Flags,
  args: readonly string[],
): Record<string, string | boolean> {
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { value }]) => [
      name,
      { type: value === undefined ? ('boolean' as const) : ('string' as const) },
    ]),
  );
  try {
    const { values } = parseArgs({ args: [...args], options });
    const fallbacks = Object.entries(flags).flatMap(([name, { fallback }]) =>
      fallback === undefined ? [] : [[name, fallback] as const],
    );
    return { ...Object.fromEntries(fallbacks), ...values } as Record<string, string | boolean>;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

export function wholeNumber(name: string, value: unknown, [least, most]: [number, number]): number {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : NaN;
  if (number >= least && number <= most) return number;
  throw new UsageError(`--${name} must be a whole number from ${least} to ${most}`);
}

export function helpText(usage: string, flags: Flags, about: string): string {
  const rows = Object.entries(flags).map(([name, { value, help, fallback }]) => {
    const left = `  --${name}${value === undefined ? '' : ` ${value}`}`;
    return `${left.padEnd(22)}${help}${fallback === undefined ? '' : ` (default ${fallback})`}`;
  });
  return `Usage: ${usage}\n\n${about}\n\n${rows.join('\n')}\n`;
}
