import type { Command } from 'commander';
import { isObject, textOf, type JsonObject, type JsonValue } from '../contract/json';
import { addDoorOptions, AdminDoor, type DoorFlags } from './admin-door';
import { outputOption, writeResult, type OutputFormat } from './output';

interface Flags extends Partial<DoorFlags> {
  readonly output: OutputFormat;
}

const HELP = `
Example
  lockstep status --url http://127.0.0.1:7400`;

/** `lockstep status`: who belongs to the group, who is primary, and how far each is. */
export function addStatus(lockstep: Command): void {
  addDoorOptions(lockstep.command('status').description('shows the group and each replica of it'))
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  const group = await (await AdminDoor.open(flags)).get('/v1/cluster');
  const replicas = listOf(group['replicas']);
  const { groupId, epoch, view, mode, f } = group;
  const head = `group ${textOf(groupId)}  epoch ${shown(epoch)}  view ${shown(view)}  ${textOf(mode)}  survives ${shown(f)}`;
  const rows = replicas.map((replica) => [
    shown(replica['replicaNumber']),
    textOf(replica['id']),
    replica['id'] === group['primary'] ? 'primary' : textOf(replica['role']),
    textOf(replica['status']),
    `op ${shown(replica['op'])}`,
    `lag ${shown(replica['lag'])}`,
    textOf(replica['url']),
  ]);
  writeResult(flags.output, [head, ...inColumns(rows)], group);
}

function inColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, at) =>
    Math.max(...rows.map((row) => row[at]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

const shown = (value: JsonValue | undefined): string =>
  typeof value === 'string' || typeof value === 'number' ? `${value}` : '?';

const listOf = (value: JsonValue | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? (value as readonly JsonValue[]).filter(isObject) : [];
