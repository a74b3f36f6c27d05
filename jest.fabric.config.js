const base = require('./jest.config.js');

// Read by test/support/network.ts: the same integration tests, on real Fabric.
process.env.RUNTIME = 'native';

/** @type {import('jest').Config} */
module.exports = {
  ...base,
  testMatch: ['**/*.integration.test.ts'],
  // A network of real peers takes tens of seconds to start, so test files share those of a run.
  globalSetup: '<rootDir>/test/support/nativeNetwork.ts',
  globalTeardown: '<rootDir>/test/support/nativeNetworkEnd.ts',
  testTimeout: 180_000,
};
