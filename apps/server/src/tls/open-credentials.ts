import type { ReplicaConfig } from '../config/replica-config';
import { Credentials } from './credentials';

/** The certificates of a replica; undefined when its settings ask for no TLS. Throws `ConfigError`. */
export async function openCredentials({
  settings,
  dataFolder,
}: ReplicaConfig): Promise<Credentials | undefined> {
  const { tls } = settings;
  return tls?.mode === 'on' ? Credentials.open(tls, dataFolder) : undefined;
}
