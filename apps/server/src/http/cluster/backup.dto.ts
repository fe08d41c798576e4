import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, Matches } from 'class-validator';
import type { ByteString, OpNumber } from '@lockstep/vr-core';
import type { WantedBackup } from '../../backup/backups';
import { malformed } from '../../contract/problem';
import { OptionalQueryInteger } from '../dto-fields';

export class BackupQuery {
  /** The last op in it. Default: the newest that is committed. */
  @OptionalQueryInteger(0, Number.MAX_SAFE_INTEGER)
  op?: number;

  /** What continues an earlier backup: the op that this one ends with, and the hash of its entry. */
  @OptionalQueryInteger(0, Number.MAX_SAFE_INTEGER)
  after?: number;

  /** In hexadecimal. */
  @ApiPropertyOptional()
  @IsOptional()
  @Matches(/^[0-9a-f]{0,64}$/)
  afterHash?: string;
}

/** Throws `Problem`. */
export function wantedBackup({ op, after, afterHash }: BackupQuery): WantedBackup {
  if ((after === undefined) !== (afterHash === undefined))
    throw malformed('afterHash', 'and after go together');
  const hash = Buffer.from(afterHash ?? '', 'hex').toString('latin1') as ByteString;
  return {
    through: op as OpNumber | undefined,
    after: after === undefined ? undefined : { opNumber: after as OpNumber, hash },
  };
}
