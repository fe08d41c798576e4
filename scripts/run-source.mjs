import { transformSync } from '@swc/core';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { compileFunction } from 'node:vm';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const LOADER = 'test/simulation/source-loader.ts';

/** Runs `main(arguments, root)` of a TypeScript source, without a build. */
export async function runSource(file) {
  process.setSourceMapsEnabled(true);
  const { SourceLoader } = loadLoader();
  const { main } = new SourceLoader(root).load(file);
  process.exitCode = await main(process.argv.slice(2), root);
}

/** The loader of sources is a source itself: this one is compiled by hand. */
function loadLoader() {
  const { code } = transformSync(readFileSync(`${root}/${LOADER}`, 'utf8'), {
    filename: LOADER,
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    module: { type: 'commonjs' },
  });
  const exports = {};
  const evaluate = compileFunction(code, ['exports', 'require']);
  evaluate(exports, createRequire(`${root}/package.json`));
  return exports;
}
