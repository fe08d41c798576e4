/** One fenced block of a page that is to be run: ```sh on=a,b,c */
export interface Block {
  /** The heading of level 2 that it stands under. */
  readonly section: string;
  readonly code: string;
  /** On which machines, one after the other; `ops` is the operator's own. */
  readonly machines: readonly string[];
  readonly line: number;
}

const OPENING = /^```sh(?: on=([a-z,]+))?$/;

/** Every `sh` block of a page, in order. */
export function blocksOf(page: string): Block[] {
  const blocks: Block[] = [];
  let section = '';
  let open: { machines: string[]; line: number; code: string[] } | undefined;
  for (const [at, line] of page.split('\n').entries()) {
    const opening = OPENING.exec(line);
    if (open === undefined && opening !== null)
      open = { machines: (opening[1] ?? 'ops').split(','), line: at + 1, code: [] };
    else if (open !== undefined && line === '```') {
      const { machines, line: first, code } = open;
      blocks.push({ section, machines, line: first, code: code.join('\n') });
      open = undefined;
    } else if (open !== undefined) open.code.push(line);
    else if (line.startsWith('## ')) section = line.slice(3);
  }
  return blocks;
}
