import { Origins } from '../access/origins';
import type { ReplicaConfig } from './replica-config';

/** Whose pages may use a replica: without `cors` those of its own alone. */
export const originsOf = ({ settings }: Pick<ReplicaConfig, 'settings'>): Origins =>
  new Origins(settings.cors?.origins ?? []);
