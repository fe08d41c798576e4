import { defineConfig, globalIgnores } from 'eslint/config';
import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

const specs = '**/*.spec.ts';
const pure = ['libs/vr-core/src/**/*.ts', 'libs/state-machines/src/**/*.ts'];

/** What would make two replicas differ, or a run differ from its repetition. */
const impureGlobals = [
  'Date',
  'Intl',
  'Promise',
  'WeakRef',
  'FinalizationRegistry',
  'crypto',
  'performance',
  'process',
  'globalThis',
  'fetch',
  'queueMicrotask',
  'setTimeout',
  'setInterval',
  'setImmediate',
];

const forbid = (selector, message) => ({ selector, message });
const impureSyntax = [
  forbid(':function[async=true]', 'A step is synchronous: what takes time is an effect.'),
  forbid('AwaitExpression', 'A step is synchronous: what takes time is an effect.'),
  forbid('ForOfStatement[await=true]', 'A step is synchronous: what takes time is an effect.'),
  forbid('ForInStatement', 'Iterate in an order that the data gives.'),
  forbid('ImportExpression', 'All of the core is there from the start.'),
  forbid(
    'MemberExpression[property.name=/^(localeCompare|toLocale.*)$/]',
    'A locale belongs to one machine; compare bytes.',
  ),
];

export default defineConfig(
  globalIgnores([
    '**/dist/',
    '**/node_modules/',
    '**/coverage/',
    '**/.lockstep/',
    'test/tidy/broken/',
  ]),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  eslint.configs.recommended,
  {
    rules: {
      eqeqeq: 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: false, skipComments: false }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      // A handler is given state, message, moment and outbox before anything of its own.
      'max-params': ['error', 5],
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    // One program for all: each file is read once, and no build need have gone before.
    languageOptions: {
      parserOptions: { project: './tsconfig.eslint.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      // There are no enums here (erasableSyntaxOnly), and no class is given for another of its shape.
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      '@typescript-eslint/no-unsafe-enum-comparison': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // A number in a sentence needs no String(): it has one spelling.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // A handler that is done says so in one line: `return out.ignore(ok, 'beyond our log');`.
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      // noUncheckedIndexedAccess makes `!` the honest mark of an index that was just checked.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // `_` marks what a signature or a pattern must name and the code does not need.
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_$', ignoreRestSiblings: true },
      ],
      // A decoder names its result once, by the caller: `counted<OpNumber>(n)`.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
    },
  },
  { files: ['libs/**/*.ts', 'apps/**/*.ts'], rules: { 'no-console': 'error' } },
  {
    files: pure,
    ignores: [specs],
    rules: {
      'no-restricted-globals': ['error', ...impureGlobals],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Chance is a named stream of a seed.' },
      ],
      'no-restricted-syntax': ['error', ...impureSyntax],
    },
  },
  {
    // A Nest module is an empty class under a decorator; a DTO is a class only to be validated, and
    // what is spread of it is its data.
    files: ['apps/server/**/*.ts'],
    rules: {
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/no-misused-spread': 'off',
    },
  },
  {
    files: [specs, 'test/**/*.ts'],
    rules: {
      'max-lines': ['error', 500],
      // A describe is a chapter, not a function.
      'max-lines-per-function': 'off',
    },
  },
  {
    files: ['**/*.mjs', '**/*.cjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        performance: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        URL: 'readonly',
        Buffer: 'readonly',
        fetch: 'readonly',
        module: 'writable',
      },
    },
  },
);
