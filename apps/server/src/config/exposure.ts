import { isLoopback, LOOPBACK_ONLY, type Scheme } from './loopback';
import { ConfigError } from './replica-config';
import type { Settings } from './settings/settings';

/** How replicas and clients speak to a replica with these settings. */
export const schemeOf = ({ tls }: Pick<Settings, 'tls'>): Scheme =>
  tls?.mode === 'on' ? 'https' : 'http';

/**
 * Throws `ConfigError` when strangers could reach what is not defended against them: the one place where this is decided.
 *
 * @param key what has named the host
 */
export function expectDefended(key: string, host: string, settings: Settings): void {
  if (isLoopback(host)) return;
  if (schemeOf(settings) === 'http' && settings.listen.plaintext !== 'allowed')
    throw new ConfigError(
      key,
      `${host} is no loopback address, and others can read and change what goes by there: give tls, or say listen.plaintext: allowed`,
    );
  throw new ConfigError(key, `${host}: ${LOOPBACK_ONLY}`);
}
