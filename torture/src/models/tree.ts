/** What a directory entry leads to. Immutable: a changed one is another with the same number. */
export interface Node {
  /** As the group numbers it; `?` while nobody has been told. */
  readonly ino: string;
  readonly type: 'dir' | 'file';
  readonly mode: number;
  /** Distinguishes nodes within one history, whatever the group calls them. */
  readonly tag: number;
}

/** The names below one directory, which is itself the empty path: `a`, `s`, `s/x`. */
export interface Tree {
  readonly entries: ReadonlyMap<string, number>;
  readonly nodes: ReadonlyMap<number, Node>;
  readonly nextTag: number;
}

export const EMPTY_TREE: Tree = { entries: new Map(), nodes: new Map(), nextTag: 1 };

export function nodeAt(tree: Tree, path: string): Node | undefined {
  const tag = tree.entries.get(path);
  return tag === undefined ? undefined : tree.nodes.get(tag);
}

export const linksOf = (tree: Tree, node: Node): number =>
  [...tree.entries.values()].filter((tag) => tag === node.tag).length;

export const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

export const hasChildren = (tree: Tree, path: string): boolean =>
  [...tree.entries.keys()].some((name) => name.startsWith(`${path}/`));

/** Why a name cannot be looked up at all; undefined when its parent is a directory. */
export function parentFault(tree: Tree, path: string): 'ENOENT' | 'ENOTDIR' | undefined {
  const parent = parentOf(path);
  if (parent === '') return undefined;
  const node = nodeAt(tree, parent);
  if (node === undefined) return 'ENOENT';
  return node.type === 'dir' ? undefined : 'ENOTDIR';
}

export function withNode(tree: Tree, path: string, made: Omit<Node, 'tag'>): Tree {
  const node: Node = { ...made, tag: tree.nextTag };
  return {
    entries: new Map(tree.entries).set(path, node.tag),
    nodes: new Map(tree.nodes).set(node.tag, node),
    nextTag: tree.nextTag + 1,
  };
}

export const withEntry = (tree: Tree, path: string, { tag }: Node): Tree => ({
  ...tree,
  entries: new Map(tree.entries).set(path, tag),
});

export const withChanged = (tree: Tree, node: Node): Tree => ({
  ...tree,
  nodes: new Map(tree.nodes).set(node.tag, node),
});

export function withoutEntry(tree: Tree, path: string): Tree {
  const entries = new Map(tree.entries);
  entries.delete(path);
  return swept({ ...tree, entries });
}

/** Moves an entry, and all that is below it. */
export function moved(tree: Tree, from: string, to: string): Tree {
  const entries = new Map<string, number>();
  for (const [path, tag] of tree.entries) {
    if (path === from) entries.set(to, tag);
    else if (path.startsWith(`${from}/`)) entries.set(`${to}${path.slice(from.length)}`, tag);
    else if (path !== to) entries.set(path, tag);
  }
  return swept({ ...tree, entries });
}

/** Without the nodes that no name leads to any more. */
function swept(tree: Tree): Tree {
  const named = new Set(tree.entries.values());
  const nodes = new Map([...tree.nodes].filter(([tag]) => named.has(tag)));
  return { ...tree, nodes };
}

/** Equal for trees that nobody could tell apart: nodes are told by their first name, not by their tag. */
export function treeKey(tree: Tree): string {
  const paths = [...tree.entries.keys()].sort();
  const first = new Map<number, string>();
  return paths
    .map((path) => {
      const node = nodeAt(tree, path);
      if (node === undefined) return path;
      const name = first.get(node.tag) ?? path;
      first.set(node.tag, name);
      return `${path}=${name === path ? '' : name}:${node.type[0] ?? ''}${node.mode.toString(8)}#${node.ino}`;
    })
    .join(' ');
}
