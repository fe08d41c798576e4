import { isLoopback, type Scheme } from './loopback';
import { ConfigError } from './replica-config';
import type { Settings } from './settings/settings';

/** How replicas and clients speak to a replica with these settings. */
export const schemeOf = ({ tls }: Pick<Settings, 'tls'>): Scheme =>
  tls?.mode === 'on' ? 'https' : 'http';

/**
 * Strangers reach other addresses than loopback: there clients are authenticated, and what they send is encrypted or
 * somebody has said that it need not be. Peers are always authenticated. (api: auth; decision 33)
 */
export function expectDefended(host: string, settings: Pick<Settings, 'auth' | 'tls'>): void {
  if (isLoopback(host)) return;
  const { auth } = settings;
  if (auth === undefined || (auth.tokens.length === 0 && auth.jwt === undefined))
    throw new ConfigError(
      '--host',
      `${host} is no loopback address, and there is no authentication: give auth.tokens or auth.jwt in the configuration file, or listen at 127.0.0.1 (docs/security.md)`,
    );
  if (schemeOf(settings) === 'http' && !auth.insecureTransport)
    throw new ConfigError(
      '--host',
      `${host} is no loopback address, and tokens would travel unencrypted: configure tls, or say auth.insecureTransport: true (docs/security.md)`,
    );
}
