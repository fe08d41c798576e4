import { EntitySchema } from 'typeorm';
import type { FlushRow } from './flush-row';
import type { PageRow } from './page-row';

/** What a replica does to its log, one row a write. (decision 11) */
const flushSchema = new EntitySchema<FlushRow>({
  name: 'flush',
  columns: {
    id: { type: 'integer', primary: true },
    formatVersion: { type: 'integer', name: 'format_version' },
    segments: { type: 'blob' },
    lastNormalEpoch: { type: 'integer', name: 'last_normal_epoch' },
    lastNormalView: { type: 'integer', name: 'last_normal_view' },
    commitNumber: { type: 'integer', name: 'commit_number' },
    headOp: { type: 'integer', name: 'head_op' },
    baseOp: { type: 'integer', name: 'base_op' },
    baseHash: { type: 'blob', name: 'base_hash' },
    witnessBase: { type: 'integer', name: 'witness_base' },
    checkpointOp: { type: 'integer', name: 'checkpoint_op' },
    parent: { type: 'blob' },
    checksum: { type: 'blob' },
  },
});

/** Versions of pages, in the order they were written: the newest of a page counts. (VRR §5.1) */
const pageSchema = new EntitySchema<PageRow>({
  name: 'page',
  columns: {
    id: { type: 'integer', primary: true },
    tableName: { type: 'text', name: 'table_name' },
    page: { type: 'integer' },
    op: { type: 'integer' },
    isTransfer: { type: 'integer', name: 'is_transfer' },
    bytes: { type: 'blob', nullable: true },
    checksum: { type: 'integer' },
  },
});

/** One row: the checkpoint in force. */
const checkpointSchema = new EntitySchema<{ readonly id: number; readonly record: Buffer }>({
  name: 'checkpoint',
  columns: {
    id: { type: 'integer', primary: true },
    record: { type: 'blob' },
  },
});

export const SCHEMA = [flushSchema, pageSchema, checkpointSchema];
