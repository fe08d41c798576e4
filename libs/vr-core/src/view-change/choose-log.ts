import type { DoViewChange } from '../messages/do-view-change';
import type { OpNumber } from '../numbers/numbers';
import { compareViewstamps } from '../numbers/viewstamp';

/** The log that the new view begins with. */
export interface ChosenLog {
  /** Who offered it. */
  readonly from: DoViewChange;
  readonly commitNumber: OpNumber;
}

/**
 * Among a quorum's logs, the one of the latest normal view, and among those the longest: whatever was committed in an
 * older view is in it, because its quorum and this one share a replica. Never the view of the last entry. The
 * commit-number is the largest that anyone names, from whatever log. (VRR §4.2, step 3; E11, E12)
 */
export function chooseLog(offers: readonly DoViewChange[]): ChosenLog | undefined {
  let best: DoViewChange | undefined;
  let commitNumber = 0 as OpNumber;
  for (const offer of offers) {
    if (best === undefined || isNewer(offer, best)) best = offer;
    if (offer.commitNumber > commitNumber) commitNumber = offer.commitNumber;
  }
  return best && { from: best, commitNumber };
}

function isNewer(offer: DoViewChange, best: DoViewChange): boolean {
  const byView = compareViewstamps(offer.lastNormalView, best.lastNormalView);
  return byView > 0 || (byView === 0 && offer.opNumber > best.opNumber);
}
