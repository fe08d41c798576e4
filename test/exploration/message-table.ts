import type { Message, ReplicaNumber } from '@lockstep/vr-core';
import type { CanonicalForm } from './canonical-form';
import { GrowingSets } from './growing-sets';

export interface Letter {
  readonly id: number;
  readonly from: number;
  readonly to: number;
  readonly message: Message;
}

/** Every message that was ever sent anywhere in a world, once, and sets of them. */
export class MessageTable {
  readonly sets = new GrowingSets();
  private readonly letters: Letter[] = [];
  private readonly byText = new Map<string, Letter>();
  private readonly form: CanonicalForm;

  constructor(form: CanonicalForm) {
    this.form = form;
  }

  idOf(to: ReplicaNumber, message: Message): number {
    const text = `${to}${this.form.ofMessage(message)}`;
    const known = this.byText.get(text);
    if (known !== undefined) return known.id;
    const letter = { id: this.letters.length, from: message.replicaNumber, to, message };
    this.letters.push(letter);
    this.byText.set(text, letter);
    return letter.id;
  }

  at(id: number): Letter {
    const letter = this.letters[id];
    if (letter === undefined) throw new RangeError(`there is no message ${id}`);
    return letter;
  }

  get size(): number {
    return this.letters.length;
  }
}
