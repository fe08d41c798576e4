import { join, resolve } from 'node:path';
import type { ReplicaConfig } from '../config/replica-config';
import { AuditLog } from './audit-log';

/** As the settings want it; a relative name is one in the replica's folder. */
export const auditLogOf = ({ dataFolder, settings }: ReplicaConfig): AuditLog =>
  new AuditLog(
    settings.audit.file === undefined
      ? join(dataFolder, 'audit.log')
      : resolve(dataFolder, settings.audit.file),
  );
