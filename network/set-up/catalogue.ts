import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Type } from 'typebox';
import { parse } from 'yaml';
import { check } from '../../chaincode/ledger/parse';
import { RecordType } from '../../chaincode/registry/model';
import { Purpose } from '../../chaincode/registry/purpose-model';
import { projectRoot } from '../topology/project';

/** Where record types and purposes are declared. */
const catalogue = path.join(projectRoot, 'chaincode', 'registry');

const recordTypeCheck = check(RecordType);
const purposesCheck = check(Type.Array(Purpose));

/**
 * Record types, one JSON file each in `chaincode/registry/record-types`, by code.
 *
 * @throws where a file is not a record type.
 */
export function loadRecordTypes(): RecordType[] {
  const folder = path.join(catalogue, 'record-types');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => {
      const found: unknown = JSON.parse(readFileSync(path.join(folder, name), 'utf8'));
      return recordTypeCheck.require(found, 'INVALID_INPUT', name);
    });
}

/** Purposes with their ceilings, from `chaincode/registry/purposes.yaml`. @throws where the file is not a list of them. */
export function loadPurposes(): Purpose[] {
  const found: unknown = parse(readFileSync(path.join(catalogue, 'purposes.yaml'), 'utf8'));
  return purposesCheck.require(found, 'INVALID_INPUT', 'purposes.yaml');
}
