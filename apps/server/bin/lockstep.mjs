#!/usr/bin/env node
import { existsSync } from 'node:fs';

// The program `lockstep`: its commands are in src/commands.
const program = new URL('../dist/commands/main.js', import.meta.url);
if (existsSync(program)) await import(program.href);
else {
  process.stderr.write(
    'lockstep: this checkout is not built yet: run `npm start` once (it installs and builds), or `npm run build`\n',
  );
  process.exitCode = 69;
}
