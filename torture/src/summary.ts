import { seconds } from './report';
import type { TortureResult } from './result';

/** What came of a run, for people. */
export function describe(result: TortureResult): string {
  const { findings, folder, seed } = result;
  const rows: [string, string][] = [
    ['operations', `${result.operations}: ${shown(result.byKind)}`],
    ['answers', `${result.done} done, ${result.refused} refused, ${result.unknown} unknown`],
    ['repeated', `${result.repeated} asked twice, ${result.replayed} answered from memory`],
    ['locks', `${result.grants} grants, ${result.sessionsDead} sessions died`],
    ['histories', `${result.histories} searched, ${result.historiesTooLarge} too large`],
    ['last look', `${result.lastLooks} reads of all that was ever used`],
    ['faults', `${result.faults}: ${shown(result.counts)}`],
    [
      'served again',
      `at the latest after ${seconds(result.worstServedMs)} (${result.worstServedAfter})`,
    ],
    ['worst outage', `${seconds(result.worstOutageMs)} without an answer, the faults included`],
    ['whole again', `at the latest after ${seconds(result.worstHealedMs)}`],
    ['harness', `stalled for ${result.harnessStallMs} ms at most: the machine's load`],
    [
      'bounded',
      `${result.residentMegabytesMax} MB in memory, ${result.folderMegabytesMax} MB on disk at most`,
    ],
    ['digest', result.digest],
    ['verdict', result.verdict],
  ];
  const lines = rows.map(([name, text]) => `${name.padEnd(14)}${text}`);
  for (const { check, what } of findings) lines.push(`FINDING       ${check}: ${what}`);
  if (folder !== undefined) lines.push(`kept in       ${folder}`);
  if (findings.length > 0) lines.push(`again         ${commandOf(result, seed)}`);
  return `\n${lines.join('\n')}\n`;
}

const commandOf = ({ minutes, replicas, witnesses }: TortureResult, seed: number): string =>
  `npm run torture -- --seed ${seed} --minutes ${minutes} --replicas ${replicas - witnesses}${witnesses === 0 ? '' : `+${witnesses}`}`;

export const shown = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
