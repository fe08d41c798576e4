// docs/metrics.md: every metric of a replica with its labels, as the server itself defines them.
//   npm run docs:metrics            writes the page
//   node scripts/docs-metrics.mjs --check    exit code 1 when it is not what it should be (after a build)
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Diagnosis } from '../apps/server/dist/observability/diagnosis.js';
import { Metrics } from '../apps/server/dist/observability/metrics.js';

const PAGE = fileURLToPath(new URL('../docs/metrics.md', import.meta.url));

const page = `# Metrics

What \`GET /metrics\` shows of a replica, in the text format of Prometheus. Made by \`npm run docs:metrics\` from the
definitions in apps/server: do not edit it by hand. Beside these there are the \`process_*\` and \`nodejs_*\` metrics that
every Node.js process shows: CPU, memory, file descriptors, garbage collection.

A scrape reads what has been counted already and needs no primary. Labels have few values, and none that a client chose. A
histogram has \`_bucket\`, \`_sum\` and \`_count\`.

| metric | type | labels | |
| --- | --- | --- | --- |
${rows().join('\n')}
`;

if (process.argv.includes('--check')) {
  const isSame = words(readFileSync(PAGE, 'utf8')) === words(page);
  if (!isSame) process.stderr.write('docs/metrics.md is not up to date: npm run docs:metrics\n');
  process.exit(isSame ? 0 : 1);
}
writeFileSync(PAGE, page);
process.exit(0);

function rows() {
  const metrics = new Metrics();
  new Diagnosis({ metrics, slowMs: 1_000, tail: undefined, logger: undefined, tracing: undefined });
  metrics.observe({});
  return metrics.meters.descriptions
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, type, labels, help }) => {
      const shown = labels.map((label) => `\`${label}\``).join(', ');
      return `| \`${name}\` | ${type} | ${shown} | ${help.replaceAll('|', '\\|')} |`;
    });
}

/** Whatever a formatter makes of the table. */
function words(text) {
  return text.replace(/[\s-]+/g, ' ').trim();
}
