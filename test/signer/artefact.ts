import type { ConsentArtefact } from '../../chaincode/sharing/model';

/** A consent to records alone, as a bank asks for it. */
export const artefact: ConsentArtefact = {
  consentId: 'consent-0123456789abcdef',
  channel: 'sharing-bank-a',
  bank: 'BankAMSP',
  enterprise: '91310000MA1K4BCD3X',
  Purpose: { code: 'WORKING_CAPITAL_LOAN', text: 'Deciding on a working capital loan' },
  fetchType: 'PERIODIC',
  consentStart: '2026-11-01T00:00:00Z',
  consentExpiry: '2027-06-30T00:00:00Z',
  DataRange: { from: '2025-01-01', to: '2026-12-31' },
  DataLife: { unit: 'MONTH', value: 3 },
  Frequency: { unit: 'MONTH', value: 1 },
  items: [{ recordType: 'vat-filing', issuer: 'department:tax-shanghai', fields: ['sales', 'taxPaid'] }],
  purgeWithinDays: 1,
  evidenceYears: 5,
};
