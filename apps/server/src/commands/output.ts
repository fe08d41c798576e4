import { Option } from 'commander';

export type OutputFormat = 'text' | 'json';

/** What every command that has a result takes. */
export const outputOption = (): Option =>
  new Option('-o, --output <format>', 'how the result is written on standard output')
    .choices(['text', 'json'])
    .default('text');

/** The result of a command, once, on standard output: lines for people, or one JSON document for programs. */
export function writeResult(
  format: OutputFormat,
  lines: readonly string[],
  result: Readonly<Record<string, unknown>>,
): void {
  process.stdout.write(
    format === 'json' ? `${JSON.stringify(result, null, 2)}\n` : `${lines.join('\n')}\n`,
  );
}

/** How far it is, or what somebody should know: on standard error, so that the result stays alone. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
