import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { DoorMetrics } from './door-metrics';
import { Meters } from './meters';
import { NoteMetrics } from './note-metrics';

const DIVERGE = join(__dirname, '../../../../../libs/vr-core/src/checkpoint/diverge.ts');

describe('metrics', () => {
  const registry = new Registry();
  const meters = new Meters(registry);

  it('of a histogram count in each bucket what is in those below it too', async () => {
    const tally = meters.histogram('h', 'help', [1, 2]);
    for (const value of [0.5, 1, 1.5, 7]) tally.observe(value);
    const text = await registry.metrics();
    expect(text).toContain('# TYPE h histogram');
    expect(text.match(/^h_\w+.*$/gm)).toEqual([
      'h_bucket{le="1"} 2',
      'h_bucket{le="2"} 3',
      'h_bucket{le="+Inf"} 4',
      'h_sum 10',
      'h_count 4',
    ]);
  });

  it('without a value are left out', async () => {
    meters.gauge('gone', 'help', () => undefined);
    expect(await registry.metrics()).not.toMatch(/^gone/m);
  });

  it('take no label from what a client sends until it was answered with a result', async () => {
    const doors = new DoorMetrics(meters);
    doors.onItem('nonsense"}', 'any', 'unknown-service', 0.1);
    doors.onItem('locks', 'invented', 'malformed', 0.1);
    doors.onItem('locks', 'acquire', 'ok', 0.1);
    doors.onItem('locks', 'invented', 'malformed', 0.1);
    const text = await registry.metrics();
    expect(text).not.toMatch(/nonsense|invented/);
    expect(text).toContain('lockstep_client_items_total{service="locks",code="malformed"} 1');
    expect(text).toContain('lockstep_client_items_total{service="other",code="malformed"} 1');
    expect(text).toMatch(/duration_seconds_count{service="locks",kind="acquire"} 1/);
  });

  it('name the reason of a view change without the numbers in it, and never more than a few', async () => {
    const notes = new NoteMetrics(meters);
    const leave = (text: string): void => {
      notes.add({ kind: 'protocol', event: 'view-change', text });
    };
    leave('to view 4 of replica 1: follows replica 2');
    leave('to view 5 of replica 2: follows replica 0');
    for (let n = 0; n < 99; n += 1) leave(`to view 6 of replica 0: ${'x'.repeat(n)}`);
    const text = await registry.metrics();
    expect(text).toContain('lockstep_view_changes_total{reason="follows replica #"} 2');
    expect(text).toContain('lockstep_view_changes_total{reason="other"}');
    expect(text.match(/^lockstep_view_changes_total{/gm)?.length).toBeLessThan(40);
  });

  it('count a state that is not the group’s by what the core says of it', async () => {
    const said = /out\.alarm\(`(the state [^`]*)`/.exec(readFileSync(DIVERGE, 'utf8'))?.[1] ?? '';
    const own = new Registry();
    const notes = new NoteMetrics(new Meters(own));
    notes.add({ kind: 'alarm', text: said.replace(/\$\{\w+\}/, '57') });
    expect(await own.metrics()).toMatch(/^lockstep_state_divergences_total 1$/m);
  });
});
