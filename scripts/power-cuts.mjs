import { runSource } from './run-source.mjs';

await runSource('test/power/cuts/power-cuts-command.ts');
