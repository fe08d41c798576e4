import type { ByteString } from '../encoding/byte-string';
import { keyU64 } from '../encoding/key';
import type { ContentDigest } from './content-digest';
import { OrderedTable } from './ordered-table';
import type { PagedTable } from './paged-table';
import { RecordTable } from './record-table';
import type { Ordered, Records, Tables } from './tables';
import type { UndoJournal } from './undo-journal';

/** Tables of one owner, made when they are first asked for. */
export class OwnedTables implements Tables {
  private readonly owner: string;
  private readonly journal: UndoJournal;
  private readonly onMade: (name: string, table: PagedTable) => void;
  private readonly byName = new Map<string, OrderedTable | RecordTable>();

  constructor(
    owner: string,
    journal: UndoJournal,
    onMade: (name: string, table: PagedTable) => void,
  ) {
    this.owner = owner;
    this.journal = journal;
    this.onMade = onMade;
  }

  records(name: string, recordBytes: number): Records {
    const table =
      this.byName.get(name) ?? this.add(name, new RecordTable(recordBytes, this.journal));
    if (!(table instanceof RecordTable) || table.recordBytes !== recordBytes)
      throw new TypeError(`table ${this.owner}/${name} is of another kind`);
    return table;
  }

  ordered(name: string): Ordered {
    const table = this.byName.get(name) ?? this.add(name, new OrderedTable(this.journal));
    if (!(table instanceof OrderedTable))
      throw new TypeError(`table ${this.owner}/${name} is of another kind`);
    return table;
  }

  digestInto(digest: ContentDigest): void {
    for (const name of [...this.byName.keys()].sort()) {
      const table = this.byName.get(name) as OrderedTable | RecordTable;
      digest.table(this.owner, name, table.size);
      if (table instanceof RecordTable)
        for (const [index, record] of table.entries()) digest.entry(keyU64(index), record);
      else for (const [key, value] of table.range('' as ByteString)) digest.entry(key, value);
    }
  }

  private add<T extends OrderedTable | RecordTable>(name: string, table: T): T {
    this.byName.set(name, table);
    this.onMade(`${this.owner}/${name}`, table);
    return table;
  }
}
