/**
 * Who may see whom. Dependencies point down, never up, never sideways between doors; each rule is
 * broken on purpose by test/tidy/dependency-rules.spec.ts, so that the fence cannot rot.
 */

/** A package of ours by any of its names: its sources, its build, or unresolved. */
const our = (name) => `^((libs|apps)|(node_modules/)?@lockstep)/(${name})(/|$)`;
const server = (...folders) => `^apps/server/src/(${folders.join('|')})/`;
const spec = '[.]spec[.]ts$';

const doors = ['http', 'console', 'client-channel'];
const value = { preCompilationOnly: false };

const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

module.exports = {
  forbidden: [
    rule(
      'core-imports-nothing',
      'The core is a function of its inputs: no package, no Node, no part of ours.',
      { path: '^libs/vr-core/src/', pathNot: spec },
      { pathNot: '^libs/vr-core/src/' },
    ),
    rule(
      'numbers-are-the-ground',
      'The core rests on its numbers, not they on it.',
      { path: '^libs/vr-core/src/numbers/', pathNot: spec },
      { pathNot: '^libs/vr-core/src/numbers/' },
    ),
    rule(
      'encoding-knows-no-protocol',
      'Peers, disk and simulator share the encoding; it knows bytes and numbers.',
      { path: '^libs/vr-core/src/encoding/', pathNot: spec },
      { pathNot: '^libs/vr-core/src/(encoding|numbers)/' },
    ),
    rule(
      'state-machines-see-the-core-alone',
      'A plug-in sees the interface of the core and nothing else.',
      { path: '^libs/state-machines/src/', pathNot: spec },
      { pathNot: ['^libs/state-machines/src/', our('vr-core')] },
    ),
    rule(
      'state-machines-are-strangers',
      'One plug-in asks another through a port, never by import; what tests it may have both.',
      { path: '^libs/state-machines/src/([^/]+)/', pathNot: [spec, '/twin/'] },
      {
        path: '^libs/state-machines/src/(lock-manager|file-system|counter)/',
        pathNot: '^libs/state-machines/src/$1/',
      },
    ),
    rule(
      'client-sees-the-wire-alone',
      'The client knows the published contract, not the code behind it.',
      { path: ['^libs/client/', '^apps/(cli|admin-ui)/', '^(demo|torture)/'], pathNot: spec },
      { path: our('vr-core|state-machines|server') },
    ),
    rule(
      'libs-know-no-app',
      'A library does not know who uses it.',
      { path: '^libs/', pathNot: spec },
      { path: '^(apps|test|bench|demo|torture)/' },
    ),
    rule(
      'packages-by-their-face',
      'Another package is what its index says.',
      { path: '^(?:libs|apps)/([^/]+)/' },
      { path: '^libs/[^/]+/(src|dist)/(?!index[.])', pathNot: '^libs/$1/' },
    ),
    rule(
      'core-values-stay-in-the-host',
      'Doors translate, the supervisor supervises; only the host and what it drives hold core values.',
      { path: server(...doors, 'config', 'observability', 'supervisor', 'group-folder') },
      { path: our('vr-core'), ...value },
    ),
    rule(
      'doors-see-the-host-alone',
      'A door hands operations to the host; peers and disks are not its business.',
      { path: server(...doors) },
      { path: server('peers', 'storage', 'supervisor') },
    ),
    rule(
      'no-way-between-doors',
      'What two doors share lives below both.',
      { path: '^apps/server/src/(http|console|client-channel)/' },
      { path: server(...doors), pathNot: '^apps/server/src/$1/' },
    ),
    rule(
      'host-knows-no-door',
      'The host is asked; it does not know by whom.',
      { path: server('replica-host') },
      { path: server(...doors, 'supervisor') },
    ),
    rule(
      'peers-carry-messages',
      'A channel moves messages; what they mean and where they are kept is above it.',
      { path: server('peers'), pathNot: spec },
      { path: server(...doors, 'storage', 'replica-host', 'supervisor') },
    ),
    rule(
      'storage-keeps-records',
      'Storage keeps what it is given; who talks to whom is above it.',
      { path: server('storage'), pathNot: spec },
      { path: server(...doors, 'peers', 'replica-host', 'supervisor') },
    ),
    rule(
      'supervisor-is-another-process',
      'The supervisor prepares folders, and knows replicas by their processes and their answers.',
      { path: server('supervisor') },
      { path: server(...doors, 'peers', 'replica-host') },
    ),
    rule(
      'no-cycles',
      'What stands in a circle has no order to read it in.',
      {},
      { circular: true },
    ),
    rule(
      'tests-are-not-imported',
      'What a test offers to others is a file of its own.',
      {},
      { path: spec },
    ),
    rule(
      'dependencies-are-declared',
      'What is imported stands in a package.json; what runs is no devDependency.',
      { path: '^(libs|apps)/', pathNot: spec },
      { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'] },
    ),
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/dist/'] },
    tsPreCompilationDeps: 'specify',
    // Development tools are declared once, at the root.
    combinedDependencies: true,
    cache: { folder: 'node_modules/.cache/dependency-cruiser', strategy: 'content' },
  },
};
