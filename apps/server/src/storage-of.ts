import { replicaNumber, type Replica } from '@lockstep/vr-core';
import type { ReplicaConfig } from './config/replica-config';
import type { Logger } from './observability/logger';
import { sha256 } from './replica-host/hash';
import type { Mailbox } from './replica-host/mailbox';
import { FileStorage } from './storage/file-storage';
import type { StorageOptions } from './storage/storage-options';

/** The disk of the replica that is configured. */
export function storageOf(
  config: ReplicaConfig,
  logger: Logger,
  told: Pick<StorageOptions, 'onSync' | 'onFailure'>,
): FileStorage {
  const { groupId, nodeId, generation, epoch } = config.identity;
  return new FileStorage({
    folder: config.dataFolder,
    groupId,
    nodeId,
    generation,
    self: replicaNumber(config.identity.replicaNumber),
    epoch,
    recover: config.recover,
    mode: config.mode,
    scrub: config.settings.storage.scrub,
    hash: sha256,
    onReport: ({ level, text }) => {
      logger[level](text);
    },
    ...told,
  });
}

/** Its disk is read again from now on, and what is damaged there is written again by the replica. (ADR 20) */
export function startScrubbing(storage: FileStorage, replica: Replica, mailbox: Mailbox): void {
  storage.scrub({
    execution: replica.execution,
    mend: (damage) => {
      mailbox.post({ kind: 'damaged', ...damage });
    },
  });
}
