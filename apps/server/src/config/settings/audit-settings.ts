import { IsOptional, IsString, Length } from 'class-validator';

/** Where it is written who did what as an administrator. */
export class AuditSettings {
  /** `audit.log` in the replica's folder without it. */
  @IsOptional()
  @IsString()
  @Length(1, 4_096)
  file?: string;
}
