import type { VolumeSettings } from '../wire/operations';

/** Settings of a volume of which only some are said. */
export const settingsOf = (said: Partial<VolumeSettings>): VolumeSettings => ({
  flavour: undefined,
  readOnly: undefined,
  inodesMax: undefined,
  bytesMax: undefined,
  nameMax: undefined,
  historyOps: undefined,
  historyBytes: undefined,
  historyMs: undefined,
  trashMs: undefined,
  ...said,
});
