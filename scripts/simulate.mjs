import { runSource } from './run-source.mjs';

await runSource('test/simulation/simulate-command.ts');
