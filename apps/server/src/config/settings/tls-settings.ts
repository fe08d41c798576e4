import { Transform } from 'class-transformer';
import { IsIn, IsOptional, IsString, Length } from 'class-validator';
import { OptionalSection } from './section';

/** What this replica shows to the replicas that it dials, and whose certificates it takes from those that dial it. */
export class PeerTlsSettings {
  /** `tls.certificate` without it. */
  @IsOptional()
  @IsString()
  @Length(1, 4_096)
  certificate?: string;

  @IsOptional()
  @IsString()
  @Length(1, 4_096)
  key?: string;

  /** `tls.ca` without it. */
  @IsOptional()
  @IsString()
  @Length(1, 4_096)
  ca?: string;
}

/** Files in PEM; a relative name is one in the replica's folder. They are read again when they change. */
export class TlsSettings {
  /** `off` is plain text: on loopback only, unless `auth.insecureTransport` allows it. */
  @IsIn(['on', 'off'])
  mode: 'on' | 'off' = 'on';

  /** What the port shows: the certificate, and those between it and its CA. */
  @IsOptional()
  @IsString()
  @Length(1, 4_096)
  certificate?: string;

  @IsOptional()
  @IsString()
  @Length(1, 4_096)
  key?: string;

  /** Who signs the certificates of replicas. */
  @IsOptional()
  @IsString()
  @Length(1, 4_096)
  ca?: string;

  /** The oldest TLS that clients may speak; replicas speak 1.3 to each other. */
  @Transform(({ value }: { value: unknown }) => (typeof value === 'number' ? `${value}` : value))
  @IsIn(['1.2', '1.3'])
  minVersion: '1.2' | '1.3' = '1.2';

  @OptionalSection(() => PeerTlsSettings)
  peers?: PeerTlsSettings;
}
