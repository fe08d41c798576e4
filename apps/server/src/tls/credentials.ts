import type { TlsOptions } from 'node:tls';
import type { TlsSettings } from '../config/settings/tls-settings';
import { reasonOf } from '../storage/fault';
import { ExpiryWarning } from './expiry-warning';
import { readMaterial, type Material } from './material';
import { tlsFiles, type TlsFiles } from './tls-files';

/** What a socket that is dialled needs to know whom to trust, and to show who dials. */
export interface DialTls {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface CredentialsEvents {
  /** What the files hold now is in use from now on; sockets that are open stay as they are. */
  onChange(server: TlsOptions): void;
  onReport(level: 'info' | 'warn' | 'error', text: string): void;
}

/** How often the files are looked at: they are small, and a poll needs no luck with links and mounts as inotify(7) does. */
const LOOK_MS = 1_000;

/**
 * The certificates of this process and whom it trusts. Files that change are taken over without a restart, all of them
 * together or none: what does not fit together is said once, and what was in use stays in use.
 */
export class Credentials {
  private readonly files: TlsFiles;
  private readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  private readonly expiry = new ExpiryWarning();
  private material: Material;
  private looking: NodeJS.Timeout | undefined;
  /** A fault is told when it is found twice: between two files that are written one after the other it is none. */
  private fault = '';
  private toldFault = '';

  private constructor(settings: TlsSettings, files: TlsFiles, material: Material) {
    this.files = files;
    this.material = material;
    this.minVersion = `TLSv${settings.minVersion}`;
  }

  /** Throws `ConfigError` that names the setting. `folder` is that of the replica. */
  static async open(settings: TlsSettings, folder: string): Promise<Credentials> {
    const files = tlsFiles(settings, folder);
    return new Credentials(settings, files, await readMaterial(files));
  }

  /** Of the port. A certificate is asked for and not insisted upon: clients have none, `/peers` insists. */
  get server(): TlsOptions {
    const { own, peersCa } = this.material;
    const { minVersion } = this;
    const asked = { requestCert: true, rejectUnauthorized: false };
    return { cert: own.certificate, key: own.key, ca: peersCa, minVersion, ...asked };
  }

  get dial(): DialTls {
    const { towardsPeers, ca } = this.material;
    return { ca, cert: towardsPeers.certificate, key: towardsPeers.key };
  }

  /** Of the certificate that is the first to expire. Milliseconds since 1970. */
  get certificateExpiresAtMs(): number {
    const { own, towardsPeers } = this.material;
    return Math.min(own.expiresAtMs, towardsPeers.expiresAtMs);
  }

  follow(events: CredentialsEvents): void {
    this.warn(events);
    const look = async (): Promise<void> => {
      await this.look(events);
      this.warn(events);
      if (this.looking !== undefined) this.looking = setTimeout(() => void look(), LOOK_MS);
    };
    this.looking = setTimeout(() => void look(), LOOK_MS);
  }

  close(): void {
    clearTimeout(this.looking);
    this.looking = undefined;
  }

  private async look(events: CredentialsEvents): Promise<void> {
    try {
      const found = await readMaterial(this.files);
      this.fault = '';
      this.toldFault = '';
      if (found.fingerprint === this.material.fingerprint) return;
      this.material = found;
      events.onChange(this.server);
      const until = new Date(this.certificateExpiresAtMs).toISOString();
      events.onReport('info', `certificates have changed and are in use, until ${until}`);
    } catch (fault) {
      this.onFault(reasonOf(fault), events);
    }
  }

  private onFault(reason: string, events: CredentialsEvents): void {
    if (reason === this.fault && reason !== this.toldFault) {
      this.toldFault = reason;
      events.onReport('error', `new certificates are NOT in use, the old ones stay: ${reason}`);
    }
    this.fault = reason;
  }

  private warn(events: CredentialsEvents): void {
    const warning = this.expiry.of(this.certificateExpiresAtMs, Date.now());
    if (warning !== undefined) events.onReport(warning.level, warning.text);
  }
}
