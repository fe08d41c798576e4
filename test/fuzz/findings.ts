/** One thing that should not be: what, and how to see it again. */
export interface Finding {
  readonly family: string;
  readonly fault: string;
  readonly command: string;
}

const KINDS_MAX = 40;

/** Of each kind the first, and how many there were. */
export class Findings {
  private readonly onFirst: (finding: Finding) => void;
  private readonly kinds = new Map<string, { readonly first: Finding; count: number }>();

  constructor(onFirst: (finding: Finding) => void) {
    this.onFirst = onFirst;
  }

  /** True when it is the first of its kind, and there is room for it. */
  add(finding: Finding): boolean {
    const kind = kindOf(finding);
    const known = this.kinds.get(kind);
    if (known !== undefined) known.count += 1;
    if (known !== undefined || this.kinds.size >= KINDS_MAX) return false;
    this.kinds.set(kind, { first: finding, count: 1 });
    this.onFirst(finding);
    return true;
  }

  /** The same finding, told better. */
  replace(old: Finding, by: Finding): void {
    const count = this.kinds.get(kindOf(old))?.count ?? 1;
    this.kinds.set(kindOf(old), { first: by, count });
  }

  get list(): (Finding & { readonly count: number })[] {
    return [...this.kinds.values()].map(({ first, count }) => ({ ...first, count }));
  }
}

/** Ids and numbers do not make another kind. */
const kindOf = ({ family, fault }: Finding): string =>
  `${family} ${fault.slice(0, 120).replace(/\d{4,}|[0-9a-f]{8,}/g, '#')}`;
