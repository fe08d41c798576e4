import { IsIn, IsOptional } from 'class-validator';

export class StorageSettings {
  /** What an acknowledgement means; that of the group's folder without it. (decision 32) */
  @IsOptional()
  @IsIn(['durable', 'replicated'])
  mode?: 'durable' | 'replicated';
}
