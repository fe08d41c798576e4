import { emptyLeaf, ROOT_PAGE, type Branch, type Node } from './b-tree-node';
import { DirtyPages } from './dirty-pages';
import { FreePages } from './free-pages';

/**
 * The nodes of one B+tree by page number. The root is always page 0 and a new node takes the lowest number that is
 * free, so numbers are a function of the operations alone. (decision 12)
 */
export class TreePages {
  readonly dirty = new DirtyPages();
  private readonly nodes: (Node | undefined)[] = [emptyLeaf(ROOT_PAGE)];
  private free = new FreePages();

  get root(): Node {
    return this.at(ROOT_PAGE);
  }

  /** A node that is there: one that another names. */
  at(page: number): Node {
    return this.nodes[page] as Node;
  }

  find(page: number): Node | undefined {
    return this.nodes[page];
  }

  /** Called before a node is changed. */
  touch(node: Node): void {
    this.dirty.touch(node.page);
  }

  /** Gives a new node its number. */
  add(node: Node): void {
    const page = this.free.take() ?? this.nodes.length;
    this.dirty.touch(page);
    node.page = page;
    this.nodes[page] = node;
  }

  remove({ page }: Node): void {
    this.dirty.touch(page);
    this.nodes[page] = undefined;
    this.free.add(page);
  }

  /** The root makes room for a branch above it; gives the node that it was. */
  pushDownRoot(): Node {
    const node = this.root;
    this.dirty.touch(ROOT_PAGE);
    this.add(node);
    return node;
  }

  setRoot(branch: Branch): void {
    this.nodes[ROOT_PAGE] = branch;
  }

  /** The only child of the root becomes the root. */
  pullUpRoot(child: Node): void {
    this.remove(child);
    this.dirty.touch(ROOT_PAGE);
    child.page = ROOT_PAGE;
    this.nodes[ROOT_PAGE] = child;
  }

  /** Puts a node on the page it is to be, or nothing; what is free is found out by `rebuild`. */
  load(page: number, node: Node | undefined): void {
    while (this.nodes.length <= page) this.nodes.push(undefined);
    this.nodes[page] = node ?? (page === ROOT_PAGE ? emptyLeaf(ROOT_PAGE) : undefined);
  }

  /** Finds out what is free; gives the number of nodes. */
  rebuild(): number {
    const free: number[] = [];
    this.nodes.forEach((node, page) => {
      if (node === undefined) free.push(page);
    });
    this.free = new FreePages(free);
    return this.nodes.length - free.length;
  }
}
