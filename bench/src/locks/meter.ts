import { dial, type Dialler, type Link, type LinkListener } from '@lockstep/client/dist/link';

/** What went over the sockets of many clients. */
export class Meter {
  framesSent = 0;
  framesReceived = 0;
  pushes = 0;
  /** Of operations that were answered: `<op>.<index>`, each once however often it was told. */
  readonly places = new Set<string>();

  reset(): void {
    this.framesSent = 0;
    this.framesReceived = 0;
    this.pushes = 0;
    this.places.clear();
  }

  /** Dials this replica and no other, so that its client stays there. */
  diallerOf(only: string): Dialler {
    return (url, timeoutMs, listener) => {
      if (url !== only) return { link: Promise.resolve(undefined), stop: () => undefined };
      const dialled = dial(url, timeoutMs, this.#listening(listener));
      const link = dialled.link.then((link) => link && this.#sending(link));
      return { link, stop: () => dialled.stop() };
    };
  }

  /** One object for one link: the client compares them. */
  readonly #metered = new WeakMap<Link, Link>();

  #sending(link: Link): Link {
    const known = this.#metered.get(link);
    if (known !== undefined) return known;
    const metered: Link = {
      url: link.url,
      get isOpen() {
        return link.isOpen;
      },
      send: (items) => {
        this.framesSent += 1;
        link.send(items);
      },
      close: () => link.close(),
    };
    this.#metered.set(link, metered);
    return metered;
  }

  #listening(listener: LinkListener): LinkListener {
    return {
      answers: (link, answers) => {
        this.framesReceived += 1;
        for (const { op } of answers) if (op?.includes('.') === true) this.places.add(op);
        listener.answers(this.#sending(link), answers);
      },
      events: (link, events) => {
        this.framesReceived += 1;
        this.pushes += events.length;
        listener.events(this.#sending(link), events);
      },
      view: (link, view) => listener.view(this.#sending(link), view),
      closed: (link) => listener.closed(this.#sending(link)),
    };
  }
}
