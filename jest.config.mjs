/** One jest for the whole house: sources are run as they are, no build is needed first. */
const swc = [
  '@swc/jest',
  {
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true },
      // Nest resolves constructor parameters by the metadata of their types.
      transform: { legacyDecorator: true, decoratorMetadata: true },
      keepClassNames: true,
    },
    module: { type: 'commonjs' },
    sourceMaps: 'inline',
  },
];

export default {
  roots: ['<rootDir>/libs', '<rootDir>/apps', '<rootDir>/test'],
  testMatch: ['**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['/dist/'],
  transform: { '\\.ts$': swc },
  moduleNameMapper: {
    '^@lockstep/(vr-core|state-machines|client)$': '<rootDir>/libs/$1/src/index.ts',
    '^@lockstep/server$': '<rootDir>/apps/server/src/index.ts',
  },
  testEnvironment: 'node',
  // What is slow is no fault: on a machine that does much else everything is.
  testTimeout: 60_000,
  cacheDirectory: '<rootDir>/node_modules/.cache/jest',
};
