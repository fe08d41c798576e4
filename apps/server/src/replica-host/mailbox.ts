import type { Input } from '@lockstep/vr-core';

/** What the mailbox is emptied into. */
export interface MailboxReader {
  take(input: Input): void;
  /** The queue is empty for now: what this turn gathered goes out. More inputs may follow from it. */
  endOfTurn(): void;
}

/**
 * One queue for everything that can happen to a replica: requests, peer messages, ticks, storage completions, peers
 * lost and found. All that one turn of the event loop has brought is taken in one go, so that it shares a batch and a
 * frame, without a timer and without waiting. (VRR §6.2)
 */
export class Mailbox {
  private inputs: Input[] = [];
  private scheduled = false;
  private closed = false;
  private readonly reader: MailboxReader;

  constructor(reader: MailboxReader) {
    this.reader = reader;
  }

  /** Inputs that wait to be taken. */
  get waiting(): number {
    return this.inputs.length;
  }

  post(input: Input): void {
    this.inputs.push(input);
    if (this.scheduled || this.closed) return;
    this.scheduled = true;
    // After the sockets of this turn have all been read, before the next turn.
    setImmediate(this.empty);
  }

  /** Nothing is taken from here on. */
  close(): void {
    this.closed = true;
    this.inputs = [];
  }

  private readonly empty = (): void => {
    this.scheduled = false;
    const inputs = this.inputs;
    this.inputs = [];
    for (const input of inputs) {
      if (this.closed) return;
      this.reader.take(input);
    }
    if (!this.closed) this.reader.endOfTurn();
  };
}
