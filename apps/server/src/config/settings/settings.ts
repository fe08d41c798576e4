import { IsOptional, IsString, Length } from 'class-validator';
import { AuditSettings } from './audit-settings';
import { AuthSettings } from './auth-settings';
import { CorsSettings } from './cors-settings';
import { LimitSettings } from './limit-settings';
import { ListenSettings } from './listen-settings';
import { LogSettings } from './log-settings';
import { OptionalSection, Section } from './section';
import { StorageSettings } from './storage-settings';
import { TlsSettings } from './tls-settings';
import { TracingSettings } from './tracing-settings';

/**
 * The configuration file of a replica, `lockstep.yaml`: a class a section, whose fields are the keys. The same file serves
 * every replica of a group, but for `data`. (docs/configuration.md)
 */
export class Settings {
  /** The folder of this replica. */
  @IsOptional()
  @IsString()
  @Length(1, 4_096)
  data?: string;

  @Section(() => ListenSettings)
  listen = new ListenSettings();

  @Section(() => LimitSettings)
  limits = new LimitSettings();

  @Section(() => StorageSettings)
  storage = new StorageSettings();

  @Section(() => AuditSettings)
  audit = new AuditSettings();

  @Section(() => LogSettings)
  log = new LogSettings();

  @OptionalSection(() => CorsSettings)
  cors?: CorsSettings;

  @OptionalSection(() => TlsSettings)
  tls?: TlsSettings;

  @OptionalSection(() => TracingSettings)
  tracing?: TracingSettings;

  @OptionalSection(() => AuthSettings)
  auth?: AuthSettings;
}
