import { pause } from '../clock';
import type { Group } from './group';
import { askJson } from './status';

const TRIES = 200;

/** The state root of the file system at one op, as each active replica has it, asked until all have executed the same. */
export async function digestsOf(group: Group): Promise<Record<string, string>> {
  let digests: Record<string, string> = {};
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const said = await Promise.all(group.actives.map(({ url, name }) => digestOf(url, name)));
    digests = Object.fromEntries(said);
    if (new Set(Object.values(digests)).size === 1) break;
    await pause(100);
  }
  return digests;
}

async function digestOf(url: string, name: string): Promise<readonly [string, string]> {
  const answer = await askJson(`${url}/v1/fs/main/digest?consistency=stale`);
  const { digest, op, detail } = (answer?.body ?? {}) as Record<string, string | undefined>;
  const said = digest === undefined ? `unknown: ${detail ?? ''}` : `${digest} at ${op ?? '?'}`;
  return [name, said];
}
