import { EMPTY, type LogPrefixes } from './log-prefixes';

const VIEWS_AN_EPOCH = 1000;

/** Views of later epochs are later. (VRR §7.1) */
export function stampOf(epoch: number, view: number): number {
  return epoch * VIEWS_AN_EPOCH + view;
}

function wordsOf(stamp: number): string {
  const epoch = Math.floor(stamp / VIEWS_AN_EPOCH);
  return `view ${stamp % VIEWS_AN_EPOCH}${epoch === 0 ? '' : ` of epoch ${epoch}`}`;
}

/** A log in connection with a view, which is named with its epoch by `stampOf`. */
interface InView {
  readonly view: number;
  readonly prefix: number;
}

/** What was ever seen to be true of one replica, in whatever life. A crash takes nothing of it back. */
export interface Testimony {
  /** The longest log that it knew to be committed. */
  readonly committed: number;
  /** As primary: what was committed in each view, by rising views. */
  readonly led: readonly InView[];
  /** As primary: what each view began with, by rising views. */
  readonly began: readonly InView[];
}

/** What is observed of a replica after one of its steps. */
export interface Observation {
  /** Known to be committed, as far as it holds the log. */
  readonly committed: number;
  /** It leads this view. */
  readonly leads: number | undefined;
  /** It says in STARTVIEW that the view began with this log. */
  readonly begins: InView | undefined;
}

interface Extended {
  readonly testimony: number;
  readonly broken: string | undefined;
}

/** All testimonies of a world, each once, and whether two of them can both be true. */
export class Testimonies {
  private readonly all: Testimony[] = [{ committed: EMPTY, led: [], began: [] }];
  private readonly byText = new Map<string, number>([['0//', 0]]);
  private readonly verdicts = new Map<number, string | undefined>();
  private readonly prefixes: LogPrefixes;

  constructor(prefixes: LogPrefixes) {
    this.prefixes = prefixes;
  }

  /** The testimony with what was observed added to it, and the rule that is broken when it contradicts itself. */
  extended(before: number, observation: Observation): Extended {
    const { committed, leads, begins } = observation;
    const { committed: longest, led, began } = this.at(before);
    const testimony = this.idOf({
      committed: this.longer(longest, committed),
      led: leads === undefined ? led : this.withLed(led, { view: leads, prefix: committed }),
      began:
        begins === undefined || began.some(({ view }) => view === begins.view)
          ? began
          : withView(began, begins),
    });
    if (this.prefixes.agree(committed, longest)) return { testimony, broken: undefined };
    const op = this.prefixes.opOf(committed);
    return { testimony, broken: `G1 agreement: op ${op} was committed as another entry before` };
  }

  private withLed(led: readonly InView[], { view, prefix }: InView): readonly InView[] {
    const known = led.find((one) => one.view === view)?.prefix ?? EMPTY;
    return withView(led, { view, prefix: this.longer(known, prefix) });
  }

  private longer(a: number, b: number): number {
    return this.prefixes.opOf(b) > this.prefixes.opOf(a) ? b : a;
  }

  /** The rule that two replicas (or one, with itself) break together; undefined when none is. */
  conflict(a: number, b: number): string | undefined {
    const key = Math.min(a, b) * 0x4000000 + Math.max(a, b);
    if (this.verdicts.has(key)) return this.verdicts.get(key);
    const verdict = this.judge(this.at(a), this.at(b));
    this.verdicts.set(key, verdict);
    return verdict;
  }

  private judge(a: Testimony, b: Testimony): string | undefined {
    if (!this.prefixes.agree(a.committed, b.committed)) return this.disagreement(a, b);
    return this.lost(a, b) ?? this.lost(b, a);
  }

  private disagreement(a: Testimony, b: Testimony): string {
    const ops = [a, b].map(({ committed }) => this.prefixes.opOf(committed)).join(' and ');
    return `G1 agreement: two different logs are committed, up to ops ${ops}`;
  }

  /** A view that began without an op that was committed in a view before it. (G2) */
  private lost({ led }: Testimony, { began }: Testimony): string | undefined {
    for (const start of began) {
      const earlier = led.find(
        ({ view, prefix }) => view < start.view && !this.prefixes.isPrefix(prefix, start.prefix),
      );
      if (earlier === undefined) continue;
      const op = this.prefixes.opOf(earlier.prefix);
      return `G2 view start: op ${op}, committed in ${wordsOf(earlier.view)}, is not in the log of ${wordsOf(start.view)}`;
    }
    return undefined;
  }

  /** Its replica once knew more to be committed than this log. */
  knowsMore(id: number, committed: number): boolean {
    return this.prefixes.opOf(this.at(id).committed) > this.prefixes.opOf(committed);
  }

  private idOf(testimony: Testimony): number {
    const { committed, led, began } = testimony;
    const text = `${committed}/${textOf(led)}/${textOf(began)}`;
    const known = this.byText.get(text);
    if (known !== undefined) return known;
    this.byText.set(text, this.all.length);
    return this.all.push(testimony) - 1;
  }

  private at(id: number): Testimony {
    const testimony = this.all[id];
    if (testimony === undefined) throw new RangeError(`there is no testimony ${id}`);
    return testimony;
  }
}

function withView(before: readonly InView[], added: InView): readonly InView[] {
  return [...before.filter(({ view }) => view !== added.view), added].sort(
    (a, b) => a.view - b.view,
  );
}

function textOf(list: readonly InView[]): string {
  return list.map(({ view, prefix }) => `${view}:${prefix}`).join();
}
