import type { Endpoints } from './endpoints';
import type { Dial, Dialler, Link, LinkListener } from './link';
import type { AnswerItem, PushedEvent, ViewNotice } from './protocol';

/** A dial that takes longer has failed: the replica hangs. */
const DIAL_TIMEOUT_MS = 1500;
/** The next replica is dialled beside the first one after this, and the fastest is taken. */
const STAGGER_MS = 100;
/** Between two rounds in which no replica answered. */
const PAUSE_MS_MIN = 20;
const PAUSE_MS_MAX = 500;

export interface ConnectionListener {
  /** Questions go to `link` from now on; `previous` stays open for the answers it owes. */
  up(link: Link, previous: Link | undefined): void;
  answers(link: Link, answers: readonly AnswerItem[]): void;
  events(events: readonly PushedEvent[]): void;
  view(view: ViewNotice): void;
  /** Nothing more comes from this link; `up` follows when another replica answers. */
  down(link: Link): void;
}

/**
 * Keeps one live link to the group: to the primary when it is known, to any replica else. A link that closes is
 * replaced at once by the next replica's, because a closed socket is the first sign of a failover. A link left for a
 * better one stays open for the answers still to come, until `release`.
 */
export class Connection {
  readonly #endpoints: Endpoints;
  readonly #listener: ConnectionListener;
  readonly #dialler: Dialler;
  readonly #dials = new Set<Dial>();
  #current: Link | undefined;
  readonly #draining = new Set<Link>();
  #seeking = false;
  #closed = false;
  /** The newest view heard of: a replica that lags behind may tell of an older one. */
  #view: Pick<ViewNotice, 'epoch' | 'view'> = { epoch: 0, view: -1 };
  #wake: (() => void) | undefined;

  constructor(endpoints: Endpoints, listener: ConnectionListener, dialler: Dialler) {
    this.#endpoints = endpoints;
    this.#listener = listener;
    this.#dialler = dialler;
  }

  get current(): Link | undefined {
    return this.#current;
  }

  open(): void {
    void this.#seek();
  }

  /** This link's replica hangs, or can't reach a primary: ask another one. Its answers are still welcome. */
  suspect(link: Link): void {
    if (link !== this.#current) return;
    this.#endpoints.failed(link.url, performance.now());
    void this.#seek();
  }

  /** This link's replica takes no clients, and says who does. */
  redirect(link: Link, urls: readonly string[]): void {
    this.#endpoints.learn(urls);
    this.suspect(link);
  }

  /** No answer is expected from this link any more. */
  release(link: Link): void {
    if (this.#draining.has(link)) link.close();
  }

  close(): void {
    this.#closed = true;
    for (const dial of this.#dials) dial.stop();
    for (const link of this.#draining) link.close();
    this.#current?.close();
    this.#wake?.();
  }

  /** Rounds over all replicas until one answers; what is there meanwhile stays in use. */
  async #seek(): Promise<void> {
    if (this.#seeking || this.#closed) return;
    this.#seeking = true;
    let pauseMs = PAUSE_MS_MIN;
    let link = await this.#firstOther();
    // A suspected link that nobody can replace is still the best there is.
    while (link === undefined && this.#current === undefined && !this.#isClosed()) {
      await this.#pause(pauseMs * (0.5 + Math.random() / 2));
      pauseMs = Math.min(2 * pauseMs, PAUSE_MS_MAX);
      link = await this.#firstOther();
    }
    this.#seeking = false;
    if (link !== undefined) this.#adopt(link);
  }

  #firstOther(): Promise<Link | undefined> {
    const inUse = this.#current?.url;
    return this.#firstOf(this.#endpoints.inOrder().filter((url) => url !== inUse));
  }

  #isClosed(): boolean {
    return this.#closed;
  }

  #adopt(link: Link): void {
    const previous = this.#current;
    if (this.#closed) return link.close();
    if (!link.isOpen) {
      // It closed before it was in use, and nobody was told.
      if (previous === undefined) void this.#seek();
      return;
    }
    this.#current = link;
    if (previous !== undefined) this.#draining.add(previous);
    this.#listener.up(link, previous);
    this.#followPrimary();
  }

  #followPrimary(): void {
    const { primary } = this.#endpoints;
    if (this.#seeking || primary === undefined || primary === this.#current?.url) return;
    this.#seeking = true;
    void this.#firstOf([primary]).then((link) => {
      this.#seeking = false;
      if (link !== undefined) this.#adopt(link);
      else if (this.#current === undefined) void this.#seek();
      else this.#followPrimary();
    });
  }

  /** The first of these replicas to answer, dialled in this order, each a little after the one before. */
  async #firstOf(urls: readonly string[]): Promise<Link | undefined> {
    return new Promise((resolve) => {
      const waiting = [...urls];
      const mine = new Set<Dial>();
      let stagger: ReturnType<typeof setTimeout> | undefined;
      let settled = false;
      const settle = (link: Link | undefined): void => {
        settled = true;
        clearTimeout(stagger);
        waiting.length = 0;
        for (const dial of mine) dial.stop();
        resolve(link);
      };
      const next = (): void => {
        clearTimeout(stagger);
        const url = waiting.shift();
        if (url === undefined || this.#closed) {
          if (mine.size === 0) settle(undefined);
          return;
        }
        const dial = this.#dialler(url, DIAL_TIMEOUT_MS, this.#linkListener);
        mine.add(dial);
        this.#dials.add(dial);
        stagger = setTimeout(next, STAGGER_MS);
        void dial.link.then((link) => {
          mine.delete(dial);
          this.#dials.delete(dial);
          if (settled) return link?.close();
          if (link === undefined) {
            this.#endpoints.failed(url, performance.now());
            next();
          } else {
            this.#endpoints.reached(url);
            settle(link);
          }
        });
      };
      next();
    });
  }

  readonly #linkListener: LinkListener = {
    answers: (link, answers) => this.#listener.answers(link, answers),
    events: (_, events) => this.#listener.events(events),
    view: (link, view) => this.#onView(link, view),
    closed: (link) => this.#onClosed(link),
  };

  #onView(link: Link, view: ViewNotice): void {
    const known = this.#view;
    if (view.epoch < known.epoch || (view.epoch === known.epoch && view.view < known.view)) return;
    this.#view = view;
    this.#endpoints.learn(view.urls ?? []);
    this.#endpoints.primaryIs(view.url);
    this.#listener.view(view);
    if (link === this.#current) this.#followPrimary();
  }

  #onClosed(link: Link): void {
    const wasCurrent = link === this.#current;
    if (!wasCurrent && !this.#draining.delete(link)) return;
    if (wasCurrent) this.#current = undefined;
    this.#endpoints.failed(link.url, performance.now());
    this.#listener.down(link);
    if (wasCurrent) void this.#seek();
  }

  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
