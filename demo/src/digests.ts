import { setTimeout as pause } from 'node:timers/promises';
import type { Replica } from './group';

const TRIES = 100;

/** The state root of the file system as each replica has it, asked until all have executed the same operations. */
export async function digestsOf(replicas: readonly Replica[]): Promise<Record<string, string>> {
  let digests: Record<string, string> = {};
  for (let attempt = 0; attempt < TRIES; attempt++) {
    digests = Object.fromEntries(
      await Promise.all(
        replicas.map(async ({ name, url }) => [name, await digestOf(url)] as const),
      ),
    );
    if (new Set(Object.values(digests)).size === 1) break;
    await pause(100);
  }
  return digests;
}

async function digestOf(url: string): Promise<string> {
  const response = await fetch(`${url}/v1/fs/main/digest?consistency=stale`);
  const body = (await response.json()) as { digest?: string; detail?: string };
  return body.digest ?? `unknown: ${body.detail ?? response.status}`;
}
