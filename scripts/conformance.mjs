import { runSource } from './run-source.mjs';

await runSource('test/conformance/conformance-command.ts');
