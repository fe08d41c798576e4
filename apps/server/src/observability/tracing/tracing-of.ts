import type { ReplicaConfig } from '../../config/replica-config';
import type { Tracing } from './tracing';

/** Undefined where nothing is traced: then the SDK is not even loaded. */
export async function tracingOf({
  settings,
  identity,
}: Pick<ReplicaConfig, 'settings' | 'identity'>): Promise<Tracing | undefined> {
  if (settings.tracing === undefined) return undefined;
  const { startTracing } = await import('./start-tracing.js');
  return startTracing(settings.tracing, identity);
}
