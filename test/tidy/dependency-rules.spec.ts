import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root, tool } from './checkout';

/** Each line breaks one rule: this file, by this import. */
const breaches: readonly (readonly [rule: string, file: string, line: string])[] = [
  ['core-imports-nothing', 'libs/vr-core/src/log.ts', `import 'node:fs'`],
  ['core-imports-nothing', 'libs/vr-core/src/tables.ts', `import 'rxjs'`],
  ['numbers-are-the-ground', 'libs/vr-core/src/numbers/n.ts', `import '../encoding/reader'`],
  ['encoding-knows-no-protocol', 'libs/vr-core/src/encoding/e.ts', `import '../state/log'`],
  ['state-machines-see-the-core-alone', 'libs/state-machines/src/a.ts', `import 'node:crypto'`],
  ['state-machines-see-the-core-alone', 'libs/state-machines/src/b.ts', `import 'rxjs'`],
  [
    'state-machines-are-strangers',
    'libs/state-machines/src/file-system/locks.ts',
    `import '../lock-manager/plugin'`,
  ],
  ['client-sees-the-wire-alone', 'libs/client/src/a.ts', `import '@lockstep/vr-core'`],
  ['client-sees-the-wire-alone', 'apps/cli/src/a.ts', `import type {} from '@lockstep/server'`],
  ['client-sees-the-wire-alone', 'torture/src/a.ts', `import '@lockstep/server'`],
  ['libs-know-no-app', 'libs/client/src/b.ts', `import '../../../apps/server/src/storage/disk'`],
  [
    'packages-by-their-face',
    'apps/server/src/a.ts',
    `import '../../../libs/vr-core/src/state/log'`,
  ],
  ['core-values-stay-in-the-host', 'apps/server/src/http/a.ts', `import '@lockstep/vr-core'`],
  ['core-values-stay-in-the-host', 'apps/server/src/supervisor/a.ts', `import '@lockstep/vr-core'`],
  ['doors-see-the-host-alone', 'apps/server/src/http/b.ts', `import '../storage/disk'`],
  ['doors-see-the-host-alone', 'apps/server/src/client-channel/a.ts', `import '../peers/link'`],
  ['no-way-between-doors', 'apps/server/src/http/c.ts', `import '../client-channel/door'`],
  ['host-knows-no-door', 'apps/server/src/replica-host/a.ts', `import '../client-channel/door'`],
  ['peers-carry-messages', 'apps/server/src/peers/a.ts', `import '../storage/disk'`],
  ['storage-keeps-records', 'apps/server/src/storage/a.ts', `import '../peers/link'`],
  ['supervisor-is-another-process', 'apps/server/src/supervisor/b.ts', `import '../peers/link'`],
  ['no-cycles', 'apps/server/src/ring-back.ts', `import './ring'`],
  ['tests-are-not-imported', 'apps/server/src/b.ts', `import './storage/disk.spec'`],
  ['dependencies-are-declared', 'apps/server/src/c.ts', `import 'leftover-package'`],
];

/** What the breaches import; all of it is allowed to be there. */
const honest: Readonly<Record<string, string>> = {
  'package.json': '{ "name": "broken-on-purpose" }',
  'libs/vr-core/src/index.ts': `export * from './state/log'`,
  'libs/vr-core/src/state/log.ts': `import '../encoding/reader'; export const log = 1`,
  'libs/vr-core/src/encoding/reader.ts': 'export const reader = 1',
  'libs/state-machines/src/lock-manager/plugin.ts': `import { log } from '@lockstep/vr-core'; log`,
  'apps/server/src/http/doors.ts': `import type { log } from '@lockstep/vr-core'; let l: log`,
  'apps/server/src/client-channel/door.ts': 'export const door = 1',
  'apps/server/src/peers/link.ts': `import '@lockstep/vr-core'; export const link = 1`,
  'apps/server/src/storage/disk.ts': `import '@lockstep/vr-core'; export const disk = 1`,
  'apps/server/src/storage/disk.spec.ts': `import './disk'`,
  'apps/server/src/ring.ts': `import './ring-back'`,
  'node_modules/rxjs/package.json': '{ "name": "rxjs", "main": "index.js" }',
  'node_modules/rxjs/index.js': '',
  'node_modules/leftover-package/package.json':
    '{ "name": "leftover-package", "main": "index.js" }',
  'node_modules/leftover-package/index.js': '',
};

interface Violation {
  readonly from: string;
  readonly rule: { readonly name: string };
}

describe('the dependency rule', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-broken-'));
  let violations: readonly Violation[] = [];

  beforeAll(() => {
    for (const [path, text] of Object.entries(honest)) write(path, text);
    for (const [, file, line] of breaches) write(file, line);
    violations = cruise();
  }, 60_000);
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it.each(breaches)('refuses by %s that %s has %s', (rule, file) => {
    const rules = violations.filter(({ from }) => from === file).map((each) => each.rule.name);
    expect(rules).toContain(rule);
  });

  it('is broken on purpose in each of its parts', () => {
    const { forbidden } = jest.requireActual<{ forbidden: readonly { name: string }[] }>(
      join(root, '.dependency-cruiser.cjs'),
    );
    const broken = new Set(breaches.map(([rule]) => rule));
    expect([...broken].sort()).toEqual(forbidden.map(({ name }) => name).sort());
  });

  it('lets pass what it allows', () => {
    const innocent = new Set(Object.keys(honest));
    const accused = violations.filter(
      ({ from, rule }) => innocent.has(from) && rule.name !== 'no-cycles',
    );
    expect(accused).toEqual([]);
  });

  function write(path: string, text: string): void {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), `${text};\n`.replace(/};\n$/, '}\n'));
  }

  function cruise(): readonly Violation[] {
    const config = join(root, '.dependency-cruiser.cjs');
    const args = [
      '--config',
      config,
      '--no-cache',
      '--output-type',
      'json',
      'libs',
      'apps',
      'torture',
    ];
    const run = spawnSync(tool('depcruise'), args, { cwd: folder, encoding: 'utf8' });
    const report = JSON.parse(run.stdout) as { summary: { violations: Violation[] } };
    return report.summary.violations;
  }
});
