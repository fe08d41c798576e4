import { runSource } from './run-source.mjs';

await runSource('test/fuzz/fuzz-command.ts');
