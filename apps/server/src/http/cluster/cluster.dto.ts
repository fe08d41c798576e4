import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { GROUP_SIZE_MAX } from '../../config/group-size';
import { TIMEOUT_MS_MAX } from '../../contract/calls';
import { OptionalQueryInteger } from '../dto-fields';

export class ReplicaDto {
  /** Of a member, or of a node that has joined (`npm run join`). */
  @ApiProperty({ example: 'r3-5e0c81a2' })
  @IsString()
  @Length(1, 64)
  id: string;

  /** Left out: as it is known. */
  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  @Length(1, 256)
  peerUrl?: string;

  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  @Length(1, 256)
  clientUrl?: string;

  @ApiPropertyOptional({ enum: ['active', 'witness'] })
  @IsOptional()
  @IsIn(['active', 'witness'])
  role?: 'active' | 'witness';
}

export class ReconfigureDto {
  /** The whole new group: who is not in it leaves. */
  @ApiProperty({ type: [ReplicaDto] })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(GROUP_SIZE_MAX)
  @ValidateNested({ each: true })
  @Type(() => ReplicaDto)
  replicas: ReplicaDto[];

  /** The epoch that is to end: with it, and an `Idempotency-Key`, the same may be asked again. Default: the present one. */
  @ApiPropertyOptional()
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  epoch?: number;

  /** Not waiting for new replicas to catch up; this version always waits. */
  @ApiPropertyOptional({ default: false })
  @IsOptional()
  @IsBoolean()
  force?: boolean;

  /** How long new replicas may take to catch up; nothing has changed when they do not. */
  @ApiPropertyOptional({ minimum: 1_000, maximum: TIMEOUT_MS_MAX, default: TIMEOUT_MS_MAX })
  @IsOptional()
  @IsInt()
  @Min(1_000)
  @Max(TIMEOUT_MS_MAX)
  timeoutMs?: number;
}

export class RaiseVersionDto {
  /** The next one: `GET /v1/cluster` says at which the group is, and which ones each replica knows. */
  @ApiProperty({ minimum: 1 })
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  version: number;
}

export class JoinDto {
  @ApiProperty({ example: 'n-5e0c81a2' })
  @IsString()
  @Length(1, 64)
  id: string;

  @ApiProperty({ example: 'http://127.0.0.1:7403' })
  @IsString()
  @Length(1, 256)
  peerUrl: string;

  @ApiProperty({ example: 'http://127.0.0.1:7403' })
  @IsString()
  @Length(1, 256)
  clientUrl: string;

  @ApiProperty({ enum: ['active', 'witness'] })
  @IsIn(['active', 'witness'])
  role: 'active' | 'witness';
}

export class AuditQuery {
  @OptionalQueryInteger(1, 10_000)
  limit?: number;
}
