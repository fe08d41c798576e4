import type { Call } from './history';
import { showPlace } from './place';

/** One line a call: when, who, what, and what was said. */
export function showCall({ id, client, question, invokedMs, completedMs, outcome }: Call): string {
  const { kind, service: _, root: __, ...fields } = question;
  const asked = Object.entries(fields)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
  const when = `${seconds(invokedMs)} to ${Number.isFinite(completedMs) ? seconds(completedMs) : '?'}`;
  return `${String(id).padStart(4)}  ${when.padEnd(24)} ${client.padEnd(12)} ${kind} ${asked} -> ${said(outcome)}`;
}

function said(outcome: Call['outcome']): string {
  if (outcome === undefined) return 'nobody knows';
  const place = outcome.place === undefined ? '' : ` at ${showPlace(outcome.place)}`;
  if (outcome.kind === 'refused') return `refused ${outcome.code}${place}`;
  return `${shown(outcome.value)}${place}`;
}

/** Of inodes what is compared. */
function shown(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const { ino, type, mode, nlink } = value as Record<string, unknown>;
  return JSON.stringify(ino === undefined ? value : { ino, type, mode, nlink });
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(3)} s`;
