import { readFile } from 'node:fs/promises';
import { fetchAs, type Fetch } from '@lockstep/client';
import { ConfigError } from '../config/replica-config';
import { loadSettings } from '../config/settings/load-settings';
import { reasonOf } from '../storage/fault';
import { Credentials } from '../tls/credentials';
import { fetchTrustingPeers } from '../tls/fetch-trusting-peers';

/**
 * `fetch` to replicas with these settings. Throws `ConfigError`.
 *
 * @param config the configuration file of the replicas; undefined when they have none
 * @param folder where relative names in it are looked for
 * @param tokenFile holds the token of an admin; without it the variable LOCKSTEP_TOKEN, if there is one
 */
export async function fetchOf(
  config: string | undefined,
  folder: string,
  tokenFile: string | undefined,
): Promise<Fetch> {
  const { tls } = await loadSettings({ file: config });
  const fetch = fetchTrustingPeers(
    tls?.mode === 'on' ? await Credentials.open(tls, folder) : undefined,
  );
  return fetchAs(fetch, await tokenOf(tokenFile));
}

async function tokenOf(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return process.env['LOCKSTEP_TOKEN'];
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (fault) {
    throw new ConfigError('--token-file', `${file} cannot be read: ${reasonOf(fault)}`);
  }
}
