/** What tells whether all pages of a checkpoint are there, each in the version that was meant. */
export interface PageTotals {
  readonly pageCount: number;
  /** Sum of the checksums of their rows. */
  readonly checksumSum: number;
}

/** A page, or that it is gone. */
interface CountedPage {
  readonly checksum: number;
  readonly isGone: boolean;
}

export const NO_PAGES: PageTotals = { pageCount: 0, checksumSum: 0 };

/** Keeps a sum of checksums a safe integer. */
const SUM_MODULUS = 2 ** 48;

export function addPage(totals: PageTotals, page: CountedPage | undefined): PageTotals {
  if (page?.isGone !== false) return totals;
  return {
    pageCount: totals.pageCount + 1,
    checksumSum: (totals.checksumSum + page.checksum) % SUM_MODULUS,
  };
}

export function removePage(totals: PageTotals, page: CountedPage | undefined): PageTotals {
  if (page?.isGone !== false) return totals;
  return {
    pageCount: totals.pageCount - 1,
    checksumSum: (totals.checksumSum + SUM_MODULUS - page.checksum) % SUM_MODULUS,
  };
}
