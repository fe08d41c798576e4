import type { ScrubFigures } from '../../storage/scrub/scrub-figures';
import type { Meters } from './meters';

/** What reading the disk again has found. */
export function meterScrub(meters: Meters, figures: () => ScrubFigures): void {
  meters.counter(
    'lockstep_scrub_read_bytes_total',
    'Read again from the disk and compared',
    () => figures().bytes,
  );
  meters.counter(
    'lockstep_scrub_passes_total',
    'Whole passes over all that is on the disk',
    () => figures().passes,
  );
  meters.counter(
    'lockstep_scrub_damage_found_total',
    'Rows and pages that were not as they had been written',
    () => figures().found,
  );
  meters.counter(
    'lockstep_scrub_damage_repaired_total',
    'Those of them that were written again',
    () => figures().repaired,
  );
  meters.gauge(
    'lockstep_scrub_damaged',
    'Found damaged, and not repaired yet',
    () => figures().damaged,
  );
  meters.gauge(
    'lockstep_scrub_last_pass_timestamp_seconds',
    'When the last whole pass ended, in seconds since 1970',
    () => figures().lastPassAt || undefined,
  );
  meters.gauge(
    'lockstep_scrub_last_pass_seconds',
    'How long the last whole pass took',
    () => figures().lastPassSeconds || undefined,
  );
}
