import { LabelCounts, WordCounts } from './label-counts';
import type { Meters, TallyFamily } from './meters';
import { SECONDS, type Tally } from './tally';

/** What clients were answered at this door, and how long it took. Labels are of closed lists, whatever a client sends. */
export class DoorMetrics {
  private readonly requests: TallyFamily;
  private readonly routes = new Map<string, Tally>();
  private readonly items: TallyFamily;
  private readonly kinds = new Map<string, Map<string, Tally>>();
  private readonly codes = new LabelCounts('service', 'code');
  private readonly failures = new WordCounts('reason');
  private readonly others: Tally;

  constructor(meters: Meters) {
    this.requests = meters.histograms(
      'lockstep_http_request_duration_seconds',
      'REST requests until the answer was sent; `none` is a request to no route',
      ['route', 'method', 'status'],
      SECONDS,
    );
    this.items = meters.histograms(
      'lockstep_client_item_duration_seconds',
      'Items of the client channel until they were answered; refused ones of kinds never executed here are `other`',
      ['service', 'kind'],
      SECONDS,
    );
    this.others = this.items.add({ service: 'other', kind: 'other' });
    meters.counters(
      'lockstep_client_items_total',
      'Items of the client channel, by service and outcome',
      ['service', 'code'],
      () => this.codes.samples(),
    );
    meters.counters(
      'lockstep_authentication_failures_total',
      'Requests and connections without a good token, by the reason',
      ['reason'],
      () => this.failures.samples(),
    );
  }

  /** `reason` is one of a closed list. */
  onUnauthenticated(reason: string): void {
    this.failures.add(reason);
  }

  /** `route` is the template, never the path. */
  onRequest(route: string, method: string, status: number, seconds: number): void {
    const key = `${method} ${route} ${status}`;
    let tally = this.routes.get(key);
    if (tally === undefined)
      this.routes.set(key, (tally = this.requests.add({ route, method, status })));
    tally.observe(seconds);
  }

  /** What a client calls a service or a kind is believed once such an item has been answered with a result. */
  onItem(service: string, kind: string, code: string, seconds: number): void {
    const known = this.kinds.get(service);
    const tally = known?.get(kind);
    this.codes.add(known === undefined && code !== 'ok' ? 'other' : service, code);
    if (tally !== undefined) tally.observe(seconds);
    else if (code === 'ok') this.learn(service, kind).observe(seconds);
    else this.others.observe(seconds);
  }

  private learn(service: string, kind: string): Tally {
    const tally = this.items.add({ service, kind });
    const known = this.kinds.get(service);
    if (known === undefined) this.kinds.set(service, new Map([[kind, tally]]));
    else known.set(kind, tally);
    return tally;
  }
}
