import { Readable } from 'node:stream';
import {
  GENESIS,
  type LogPlace,
  type OpNumber,
  type Replica,
  type StoredPage,
} from '@lockstep/vr-core';
import type { ReplicaConfig } from '../config/replica-config';
import { Problem } from '../contract/problem';
import type { Logger } from '../observability/logger';
import { readClocks } from '../replica-host/host-clock';
import type { FileStorage } from '../storage/file-storage';
import type { PinnedState } from '../storage/pinned-state';
import { VERSION } from '../version';
import type { BackupHeader } from './backup-header';
import { writePart } from './write-backup';

export interface BackupParts {
  readonly config: ReplicaConfig;
  readonly services: readonly string[];
  readonly replica: Replica;
  /** Undefined while the replica is starting. */
  readonly storage: () => FileStorage | undefined;
  readonly logger: Logger;
}

/** What is asked for: everything up to an op, or what follows a place that an earlier backup ends at. */
export interface WantedBackup {
  /** Default: the newest that is committed here. */
  readonly through: OpNumber | undefined;
  readonly after: LogPlace | undefined;
}

/** So many are under way at once: each takes as much of the disk as its reader can. */
const BACKUPS_MAX = 2;
/** A reader that takes nothing for so long is given up. */
const IDLE_MS = 45_000;
const RETRY_AFTER_MS = 5_000;

/**
 * Backups of a running replica: its checkpoint as it is on the disk, and the log behind it. Nothing is frozen in the core:
 * pages are read at the pace of whoever takes them, and one that takes nothing, or is too slow, is let go. (ADR 21)
 */
export class Backups {
  private readonly parts: BackupParts;
  private underWay = 0;

  constructor(parts: BackupParts) {
    this.parts = parts;
  }

  /** Consistent at one op. Throws `Problem`. */
  open({ through, after }: WantedBackup): Readable {
    const { replica, logger } = this.parts;
    const storage = this.parts.storage();
    if (storage === undefined || !replica.execution.isWhole)
      throw new Problem('too-stale', 'This replica has no whole state yet.', {
        retryAfterMs: RETRY_AFTER_MS,
      });
    if (this.underWay >= BACKUPS_MAX)
      throw new Problem('busy', `${BACKUPS_MAX} backups are under way here.`, {
        retryAfterMs: RETRY_AFTER_MS,
      });
    const last = through ?? replica.view(readClocks()).commitNumber;
    const pinned = after === undefined ? storage.pin() : undefined;
    try {
      const part = this.partOf(pinned, after, last);
      logger.info({ op: last }, `a backup through op ${last} begins`);
      return this.stream(writePart(part, after === undefined), pinned, last);
    } catch (fault) {
      pinned?.letGo();
      throw fault;
    }
  }

  private partOf(pinned: PinnedState | undefined, wanted: LogPlace | undefined, last: OpNumber) {
    const checkpoint = pinned?.checkpoint;
    const begins: LogPlace =
      checkpoint === undefined
        ? GENESIS
        : { opNumber: checkpoint.opNumber, hash: checkpoint.headHash };
    const after = wanted ?? begins;
    const entries = this.parts.replica.committedAfter(after, last);
    if (entries === undefined) throw this.notHeld(after, last);
    const through = entries.at(-1) ?? after;
    const header = this.headerOf(checkpoint, after, through);
    return { header, pages: pinned?.pages() ?? noPages(), entries };
  }

  private headerOf(
    checkpoint: BackupHeader['checkpoint'],
    after: LogPlace,
    through: LogPlace,
  ): BackupHeader {
    const { config, services, replica } = this.parts;
    const { identity, mode } = config;
    return {
      groupId: identity.groupId,
      generation: identity.generation,
      epoch: replica.view(readClocks()).epoch,
      mode,
      replica: identity.nodeId,
      version: VERSION,
      services,
      checkpoint,
      after: { opNumber: after.opNumber, hash: after.hash },
      through: { opNumber: through.opNumber, hash: through.hash },
      takenAt: new Date().toISOString(),
    };
  }

  private notHeld(after: LogPlace, last: OpNumber): Problem {
    const { commitNumber } = this.parts.replica.view(readClocks());
    if (last > commitNumber)
      return new Problem(
        'too-stale',
        `Op ${last} is not committed here: the newest is ${commitNumber}.`,
        {
          retryAfterMs: RETRY_AFTER_MS,
        },
      );
    if (last < after.opNumber)
      return new Problem(
        'log-trimmed',
        `A backup from here can end with op ${after.opNumber} at the earliest.`,
        { oldest: `${after.opNumber}` },
      );
    return new Problem(
      'log-trimmed',
      `What follows op ${after.opNumber} is not kept here any more, or is of another group: take a new backup.`,
    );
  }

  private stream(
    frames: AsyncGenerator<Buffer>,
    pinned: PinnedState | undefined,
    last: OpNumber,
  ): Readable {
    this.underWay += 1;
    const readable = Readable.from(
      this.watched(frames, () => readable),
      { objectMode: false },
    );
    readable.once('close', () => {
      this.underWay -= 1;
      pinned?.letGo();
      const how = readable.readableEnded ? 'is complete' : 'was given up by its reader';
      this.parts.logger.info({ op: last }, `the backup through op ${last} ${how}`);
    });
    return readable;
  }

  /** Destroys the stream when nobody asks for the next piece. */
  private async *watched(
    frames: AsyncGenerator<Buffer>,
    stream: () => Readable,
  ): AsyncGenerator<Buffer> {
    for await (const frame of frames) {
      const idle = setTimeout(() => stream().destroy(), IDLE_MS);
      try {
        yield frame;
      } finally {
        clearTimeout(idle);
      }
    }
  }
}

async function* noPages(): AsyncGenerator<readonly StoredPage[]> {
  // What continues a backup has entries alone.
}
