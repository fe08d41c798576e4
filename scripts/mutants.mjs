import { runSource } from './run-source.mjs';

await runSource('test/simulation/mutants/mutants-command.ts');
