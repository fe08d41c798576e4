import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import rules from '../../eslint.config.mjs';

/** Our lint without the rules that ask for types: what may not be named needs no whole program. */
export default defineConfig(rules, {
  files: ['**/*.ts'],
  extends: [tseslint.configs.disableTypeChecked],
});
