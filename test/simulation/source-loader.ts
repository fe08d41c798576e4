import { transformSync } from '@swc/core';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { compileFunction } from 'node:vm';

/** One exact replacement in one source file. */
export interface Substitution {
  /** Path from the top of the repository. */
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly text: string;
  readonly by: string;
}

type Evaluate = (
  exports: object,
  require: (id: string) => unknown,
  module: object,
  folder: string,
) => void;

/** Compiled once a process, whatever is substituted elsewhere. */
const compiled = new Map<string, string>();

/**
 * Loads TypeScript sources as they are, each module once, into a module graph of its own. With substitutions it is
 * the graph of a slightly different program, side by side with the true one.
 */
export class SourceLoader {
  private readonly root: string;
  private readonly substitutions: readonly Substitution[];
  private readonly modules = new Map<string, { exports: object }>();
  private readonly applied = new Set<Substitution>();
  private readonly native: NodeJS.Require;

  constructor(root: string, substitutions: readonly Substitution[] = []) {
    this.root = root;
    this.substitutions = substitutions;
    this.native = createRequire(join(root, 'package.json'));
  }

  /** The exports of a source file; every substitution must have been met on the way there. */
  load<T>(file: string): T {
    const exports = this.module(join(this.root, file)) as T;
    for (const substitution of this.substitutions) {
      if (!this.applied.has(substitution)) {
        throw new Error(`${substitution.file} is not part of ${file}`);
      }
    }
    return exports;
  }

  private module(file: string): object {
    const known = this.modules.get(file);
    if (known !== undefined) return known.exports;
    const module = { exports: {} };
    this.modules.set(file, module);
    const parameters = ['exports', 'require', 'module', '__dirname'];
    const evaluate = compileFunction(this.compile(file), parameters, {
      filename: file,
    }) as Evaluate;
    evaluate(module.exports, (id) => this.require(id, file), module, dirname(file));
    return module.exports;
  }

  private require(id: string, from: string): unknown {
    const own = /^@lockstep\/([a-z-]+)$/.exec(id);
    if (own) return this.module(join(this.root, 'libs', String(own[1]), 'src/index.ts'));
    if (!id.startsWith('.')) return this.native(id);
    const path = resolve(dirname(from), id);
    if (path.endsWith('.json')) return JSON.parse(readFileSync(path, 'utf8'));
    const file = [`${path}.ts`, join(path, 'index.ts')].find((candidate) => existsSync(candidate));
    if (file === undefined) throw new Error(`${id}, asked for by ${from}, is no source file`);
    return this.module(file);
  }

  private compile(file: string): string {
    const source = this.substitute(file, readFileSync(file, 'utf8'));
    const known = compiled.get(source);
    if (known !== undefined) return known;
    const { code } = transformSync(source, {
      filename: file,
      jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
      module: { type: 'commonjs' },
      sourceMaps: 'inline',
    });
    compiled.set(source, code);
    return code;
  }

  private substitute(file: string, source: string): string {
    let result = source;
    for (const substitution of this.substitutions) {
      if (relative(this.root, file) !== substitution.file) continue;
      const { text, by } = substitution;
      const parts = result.split(text);
      if (parts.length !== 2) {
        throw new Error(`${substitution.file} has ${parts.length - 1} times, not once: ${text}`);
      }
      result = parts.join(by);
      this.applied.add(substitution);
    }
    return result;
  }
}
