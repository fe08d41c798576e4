import { byPlace, showPlace, type Place } from './place';

/**
 * What was answered before something else was asked is before it in the log, whatever the two are about: one log, one order of
 * everything. So is what a default read saw. (decision 27; strict serializability)
 */
export class RealTime {
  #highest: Place = { op: 0, index: 0 };

  /** Taken when something is asked: nothing that answers it may lie before. */
  get floor(): Place {
    return this.#highest;
  }

  /** What is wrong with an answer at this place to what was asked when the floor was this; undefined when nothing is. */
  answered(floor: Place, place: Place): string | undefined {
    if (byPlace(place, this.#highest) > 0) this.#highest = place;
    if (byPlace(place, floor) >= 0) return undefined;
    return `answered from ${showPlace(place)}, though ${showPlace(floor)} had been answered before it was asked`;
  }
}
