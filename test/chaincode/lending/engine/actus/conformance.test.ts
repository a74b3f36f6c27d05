import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readCases } from '../../../../conformance/actus/cases';
import { differences, isSupported } from '../../../../conformance/actus/compare';

const folder = process.env.ACTUS_CASES ?? join(__dirname, '../../../../../../shared/actus');

if (existsSync(folder)) {
  describe(`public ACTUS cases in ${folder}`, () => {
    it.each(readCases(folder).filter(isSupported))('$identifier', (candidate) => {
      expect(differences(candidate)).toEqual([]);
    });
  });
} else {
  describe('public ACTUS cases', () => {
    it.skip(`are not checked: no folder ${folder}; name one in ACTUS_CASES`, () => undefined);
  });
}
