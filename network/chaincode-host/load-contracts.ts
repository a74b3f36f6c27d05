import 'reflect-metadata';
import { createRequire } from 'node:module';
import { Contract, JSONSerializer } from 'fabric-contract-api';
import type { ChaincodeInterface } from 'fabric-shim';
import type { ChaincodeService } from '../runtimes/runtime';

type ContractClass = new () => Contract;

type ChaincodeFromContract = new (
  contracts: ContractClass[],
  serializers: { transaction: string; serializers: Record<string, unknown> },
  metadata: object,
  title: string,
  version: string,
) => ChaincodeInterface;

/** Where `@Default` leaves its class: on the global object, one for the whole process. */
const defaultKey = 'fabric:default';

const load = createRequire(__filename);
const defaults = new Map<string, unknown>();

/**
 * Makes a chaincode of the contracts that a module exports, as `fabric-chaincode-node start` does for a package. That
 * command expects one chaincode a process; here several share one, so each is given its own default contract.
 *
 * @throws where the module cannot be loaded or exports no `contracts`.
 */
export function loadChaincode({ module, chaincode, version }: ChaincodeService): ChaincodeInterface {
  if (!defaults.has(module)) Reflect.deleteMetadata(defaultKey, globalThis);
  const exported = load(module) as { readonly contracts?: unknown };
  if (!defaults.has(module)) defaults.set(module, Reflect.getMetadata(defaultKey, globalThis));
  const contracts = exported.contracts;
  if (!Array.isArray(contracts) || contracts.length === 0)
    throw new Error(`${module} exports no list of contracts under the name "contracts"`);

  const ofModule = defaults.get(module);
  if (ofModule === undefined) Reflect.deleteMetadata(defaultKey, globalThis);
  else Reflect.defineMetadata(defaultKey, ofModule, globalThis);
  const Chaincode = load('fabric-shim/lib/contract-spi/chaincodefromcontract.js') as ChaincodeFromContract;
  const serializers = { transaction: 'jsonSerializer', serializers: { jsonSerializer: JSONSerializer } };
  // A copy, since the constructor adds its system contract to the list.
  return new Chaincode([...(contracts as ContractClass[])], serializers, {}, chaincode, version);
}
