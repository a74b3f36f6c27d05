/**
 * What chaincode may not touch. Every endorser must compute the same result from the same input, so there is
 * no clock, no randomness, no timers, no environment, no network and no state that outlives a transaction.
 * `test/chaincode/determinism.test.ts` proves that each of these bans fires.
 */
const clockFile = 'chaincode/ledger/clock.ts';

const ban = (selector, message) => ({ selector, message });

const state = 'Module state survives a transaction and differs between peers.';
const moduleLevel = ['Program', 'ExportNamedDeclaration'];
/** What a constant can hold and a transaction could fill: collections, empty lists and objects, objects of classes. */
const container = [
  'NewExpression[callee.name=/^(Map|Set|WeakMap|WeakSet|Array|Uint8Array|SharedArrayBuffer)$/]',
  'ArrayExpression[elements.length=0]',
  'ObjectExpression[properties.length=0]',
].join(', ');

/** @param {boolean} mayReadTime whether this is the one file that compares the transaction's time with the peer's clock. */
const rules = (mayReadTime) => ({
  'no-restricted-globals': [
    'error',
    ...[
      ...(mayReadTime ? [] : ['Date']),
      'setTimeout',
      'setInterval',
      'setImmediate',
      'queueMicrotask',
      'fetch',
      'WebSocket',
      'XMLHttpRequest',
      'EventSource',
      'performance',
      'crypto',
      'process',
      'Intl',
      'globalThis',
      'global',
      'console',
      'eval',
      'Function',
      'WeakRef',
      'FinalizationRegistry',
      'SharedArrayBuffer',
    ].map((name) => ({
      name,
      message: `${name} differs between endorsers; see chaincode/ledger/clock.ts for time.`,
    })),
  ],
  'no-restricted-properties': [
    'error',
    { object: 'Math', property: 'random', message: 'Endorsers would disagree. Ids come from the client.' },
    ...['toLocaleString', 'toLocaleDateString', 'toLocaleTimeString', 'localeCompare'].map((property) => ({
      property,
      message: 'The locale of the process differs between endorsers.',
    })),
    ...['getDateTimestamp', ...(mayReadTime ? [] : ['getTxTimestamp'])].map((property) => ({
      property,
      message: 'chaincode/ledger/clock.ts is where time comes from.',
    })),
    ...['race', 'any'].map((property) => ({
      object: 'Promise',
      property,
      message: 'Which call answers first differs between endorsers.',
    })),
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
          'fs/promises',
          'dns/promises',
          'cluster',
          'vm',
          'v8',
          'inspector',
          'module',
          'async_hooks',
          'readline',
        ].flatMap((name) =>
          [name, `node:${name}`].map((path) => ({
            name: path,
            message: 'Chaincode sees the ledger and nothing else.',
          })),
        ),
        ...['crypto', 'node:crypto'].map((name) => ({
          name,
          // Signatures of ECDSA are random, so contracts verify and never sign; a namespace import would hide the rest.
          allowImportNames: [
            'createHash',
            'createHmac',
            'createCipheriv',
            'createDecipheriv',
            'timingSafeEqual',
          ],
          message: 'Endorsers would disagree. Ids and keys come from the client.',
        })),
        {
          name: 'jose',
          // jwtVerify looks at the clock; keys and signatures are made from randomness.
          allowImportNames: ['compactVerify', 'decodeProtectedHeader', 'importJWK', 'calculateJwkThumbprint'],
          message: 'Contracts verify, with ES256 and no clock.',
        },
      ],
    },
  ],
  'no-restricted-syntax': [
    'error',
    ...moduleLevel.flatMap((level) => [
      ban(`${level} > VariableDeclaration[kind=/^(let|var)$/]`, state),
      ban(`${level} > VariableDeclaration > VariableDeclarator > :matches(${container})`, state),
      ban(
        `${level} > VariableDeclaration > VariableDeclarator > TSAsExpression > :matches(${container})`,
        state,
      ),
      ban(
        `${level} > VariableDeclaration > VariableDeclarator > TSSatisfiesExpression > :matches(${container})`,
        state,
      ),
    ]),
    // An instance of a contract lives as long as its process.
    ban('PropertyDefinition[static=true]', state),
    ban('ClassDeclaration[superClass.name=/Contract$/] > ClassBody > PropertyDefinition', state),
    ban(
      'AssignmentExpression[left.object.type="ThisExpression"]:not(MethodDefinition[kind="constructor"] *)',
      state,
    ),
    ban('ImportExpression', 'What is loaded later may differ between endorsers.'),
    ban("CallExpression[callee.name='require']", 'Import it, so that what chaincode may not use is seen.'),
    ban(
      ":matches(MemberExpression[property.name='getMspID'], MemberExpression[property.value='getMspID'], Property[key.name='getMspID'])",
      'stub.getMspID() reads the environment: take the MSP from the caller or from the ledger.',
    ),
    ban("MemberExpression[property.name='logging']", 'Logs of chaincode may not carry what it was given.'),
  ],
});

export const determinism = [
  // Nothing in chaincode switches these off.
  { files: ['chaincode/**/*.ts'], linterOptions: { noInlineConfig: true } },
  { files: ['chaincode/**/*.ts'], ignores: [clockFile], rules: rules(false) },
  { files: [clockFile], rules: rules(true) },
];
