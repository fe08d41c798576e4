import { runSource } from './run-source.mjs';

await runSource('test/exploration/explore-command.ts');
