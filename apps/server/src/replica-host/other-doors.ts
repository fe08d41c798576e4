import type { Fetch } from '@lockstep/client';
import { isObject, type JsonObject } from '../contract/json';

export interface DoorAnswer {
  readonly status: number;
  readonly body: JsonObject;
}

/** Says that a replica asks, which will not ask others in turn: no request goes in circles. */
export const FROM_REPLICA = 'lockstep-from-replica';

/** The REST doors of other replicas: what one replica alone knows or may do. */
export class OtherDoors {
  private readonly nodeId: string;
  private readonly fetch: Fetch;

  constructor(nodeId: string, fetch: Fetch) {
    this.nodeId = nodeId;
    this.fetch = fetch;
  }

  /** Undefined when there is no answer in time. */
  async ask(
    url: string,
    path: string,
    options: { readonly method?: 'GET' | 'POST'; readonly timeoutMs: number },
  ): Promise<DoorAnswer | undefined> {
    const { method = 'GET', timeoutMs } = options;
    try {
      const response = await this.fetch(`${url}${path}`, {
        method,
        headers: { [FROM_REPLICA]: this.nodeId },
        signal: AbortSignal.timeout(timeoutMs),
      });
      const body: unknown = await response.json();
      return isObject(body) ? { status: response.status, body } : undefined;
    } catch {
      return undefined;
    }
  }
}
