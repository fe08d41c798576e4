import { runSource } from '../../../scripts/run-source.mjs';

await runSource('test/power/cuts/life-command.ts');
