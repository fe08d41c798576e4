import { resolve } from 'node:path';
import { ConfigError } from '../config/replica-config';
import type { TlsSettings } from '../config/settings/tls-settings';

/** Where certificates and keys are. Absolute. */
export interface TlsFiles {
  /** What the port shows. */
  readonly own: PairFiles;
  /** What is shown to replicas that are dialled. */
  readonly towardsPeers: PairFiles;
  /** Who signs the certificates of replicas that are dialled. */
  readonly ca: CaFile;
  /** Who signs those of replicas that dial. */
  readonly peersCa: CaFile;
}

export interface PairFiles {
  /** Its key in the settings. */
  readonly name: string;
  readonly certificate: string;
  readonly key: string;
}

export interface CaFile {
  readonly name: string;
  readonly path: string;
}

/** Throws `ConfigError` that names the key that is missing. `folder` is that of the replica. */
export function tlsFiles(settings: TlsSettings, folder: string): TlsFiles {
  const path = (key: keyof TlsSettings & ('certificate' | 'key' | 'ca')): string => {
    const name = settings[key];
    if (name === undefined) throw new ConfigError(`tls.${key}`, 'give the name of a file in PEM');
    return resolve(folder, name);
  };
  const { peers } = settings;
  if ((peers?.certificate === undefined) !== (peers?.key === undefined))
    throw new ConfigError('tls.peers', 'certificate and key go together');
  const own = { name: 'tls', certificate: path('certificate'), key: path('key') };
  const towardsPeers =
    peers?.certificate === undefined || peers.key === undefined
      ? own
      : {
          name: 'tls.peers',
          certificate: resolve(folder, peers.certificate),
          key: resolve(folder, peers.key),
        };
  const ca = { name: 'tls.ca', path: path('ca') };
  const peersCa =
    peers?.ca === undefined ? ca : { name: 'tls.peers.ca', path: resolve(folder, peers.ca) };
  return { own, towardsPeers, ca, peersCa };
}
