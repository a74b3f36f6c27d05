/**
 * What chaincode may not touch. Every endorser must compute the same result from the same input, so there is
 * no clock, no randomness, no timers, no environment, no network and no state that outlives a transaction.
 * `test/chaincode/determinism.test.ts` proves that each of these bans fires.
 */
const clockFile = 'chaincode/ledger/clock.ts';

const ban = (selector, message) => ({ selector, message });

export const determinism = {
  files: ['chaincode/**/*.ts'],
  ignores: [clockFile],
  rules: {
    'no-restricted-globals': [
      'error',
      ...[
        'Date',
        'setTimeout',
        'setInterval',
        'setImmediate',
        'queueMicrotask',
        'fetch',
        'performance',
        'crypto',
        'process',
      ].map((name) => ({
        name,
        message: `${name} differs between endorsers; see chaincode/ledger/clock.ts for time.`,
      })),
    ],
    'no-restricted-properties': [
      'error',
      { object: 'Math', property: 'random', message: 'Endorsers would disagree. Ids come from the client.' },
      { object: 'globalThis', message: 'Name what you need: globals hide what differs between endorsers.' },
    ],
    'no-restricted-imports': [
      'error',
      {
        paths: [
          ...[
            'http',
            'https',
            'http2',
            'net',
            'dgram',
            'dns',
            'tls',
            'fs',
            'os',
            'child_process',
            'worker_threads',
            'timers',
            'timers/promises',
            'perf_hooks',
            'process',
          ].flatMap((name) =>
            [name, `node:${name}`].map((path) => ({
              name: path,
              message: 'Chaincode sees the ledger and nothing else.',
            })),
          ),
          ...['crypto', 'node:crypto'].map((name) => ({
            name,
            importNames: [
              'randomBytes',
              'randomUUID',
              'randomInt',
              'generateKeyPair',
              'generateKeyPairSync',
              'webcrypto',
              'getRandomValues',
            ],
            message: 'Endorsers would disagree. Ids and keys come from the client.',
          })),
        ],
      },
    ],
    'no-restricted-syntax': [
      'error',
      ban(
        'Program > VariableDeclaration[kind=/^(let|var)$/]',
        'Module state survives a transaction and differs between peers.',
      ),
      ban(
        'ExportNamedDeclaration > VariableDeclaration[kind=/^(let|var)$/]',
        'Module state survives a transaction and differs between peers.',
      ),
      ban(
        "MemberExpression[property.name='getMspID']",
        'stub.getMspID() reads the environment: take the MSP from the caller or from the ledger.',
      ),
      ban(
        "MemberExpression[object.name='ctx'][property.name='logging']",
        'Logs of chaincode may not carry what it was given.',
      ),
    ],
  },
};
