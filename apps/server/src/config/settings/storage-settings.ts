import { IsIn, IsOptional } from 'class-validator';
import { ScrubSettings } from './scrub-settings';
import { Section } from './section';

export class StorageSettings {
  /** What an acknowledgement means; that of the group's folder without it. (decision 32) */
  @IsOptional()
  @IsIn(['durable', 'replicated'])
  mode?: 'durable' | 'replicated';

  @Section(() => ScrubSettings)
  scrub = new ScrubSettings();
}
