import type { Metric, Registry } from 'prom-client';
import type { LabelValues, Sample } from './sample';
import { Tally, type TallySample } from './tally';

/** What a metric is, for the page that lists them all. */
export interface Description {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
}

type Read = () => number | undefined | Promise<number | undefined>;
type ReadSamples = () => Iterable<Sample> | Promise<Iterable<Sample>>;
type Labels = readonly string[];

/** A `Tally` for each combination of labels: whoever observes keeps the one it was given. */
export interface TallyFamily {
  /** A new one: ask once for each combination. */
  add(labels: LabelValues): Tally;
}

/**
 * Where the metrics of a replica are defined. Most are read from what counts already, when somebody asks: nothing is
 * computed before. Names as Prometheus has them: base units, and `_total` for what only grows. (prometheus.io, "Metric and
 * label naming")
 */
export class Meters {
  readonly descriptions: Description[] = [];
  private readonly registry: Registry;

  constructor(registry: Registry) {
    this.registry = registry;
  }

  gauge(name: string, help: string, read: Read): void {
    this.gauges(name, help, [], async () => [[{}, await read()]]);
  }

  gauges(name: string, help: string, labels: Labels, read: ReadSamples): void {
    this.add({ name, type: 'gauge', help, labels }, async () => shown(await read()));
  }

  counter(name: string, help: string, read: Read): void {
    this.counters(name, help, [], async () => [[{}, await read()]]);
  }

  counters(name: string, help: string, labels: Labels, read: ReadSamples): void {
    this.add({ name, type: 'counter', help, labels }, async () => shown(await read()));
  }

  histogram(name: string, help: string, bounds: readonly number[]): Tally {
    return this.histograms(name, help, [], bounds).add({});
  }

  histograms(name: string, help: string, labels: Labels, bounds: readonly number[]): TallyFamily {
    const members: { readonly labels: LabelValues; readonly tally: Tally }[] = [];
    this.add({ name, type: 'histogram', help, labels }, () =>
      members.flatMap((member) => member.tally.samples(name, member.labels)),
    );
    return {
      add: (values) => {
        const tally = new Tally(bounds);
        members.push({ labels: values, tally });
        return tally;
      },
    };
  }

  private add(
    description: Description,
    read: () => readonly ShownSample[] | Promise<readonly ShownSample[]>,
  ): void {
    this.descriptions.push(description);
    const { name, type, help } = description;
    const get = async (): Promise<object> => ({
      name,
      type,
      help,
      values: await read(),
      aggregator: 'sum',
    });
    // A registry asks a metric for its name once, and for what `get` gives at each scrape: nothing else.
    this.registry.registerMetric({ name, get } as unknown as Metric);
  }
}

interface ShownSample extends Partial<TallySample> {
  readonly labels: LabelValues;
  readonly value: number;
}

function shown(samples: Iterable<Sample>): ShownSample[] {
  const values: ShownSample[] = [];
  for (const [labels, value] of samples) if (value !== undefined) values.push({ labels, value });
  return values;
}
