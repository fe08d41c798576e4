import type { Fetch } from '@lockstep/client';
import { loadSettings } from '../config/settings/load-settings';
import { Credentials } from '../tls/credentials';
import { fetchTrustingPeers } from '../tls/fetch-trusting-peers';

/**
 * `fetch` to replicas with these settings. Throws `ConfigError`.
 *
 * @param config the configuration file of the replicas; undefined when they have none
 * @param folder where relative names in it are looked for
 */
export async function fetchOf(config: string | undefined, folder: string): Promise<Fetch> {
  const { tls } = await loadSettings({ file: config });
  return fetchTrustingPeers(tls?.mode === 'on' ? await Credentials.open(tls, folder) : undefined);
}
