import { parseTerms, TermsError } from '../../../../../chaincode/lending/engine/actus';
import { amortizing, loan } from './contracts';

const pam = { ...loan, contractType: 'PAM' };

describe('terms', () => {
  it('reads numbers with blanks around them and both lengths of times', () => {
    const terms = parseTerms({
      ...pam,
      notionalPrincipal: '  5000 ',
      premiumDiscountAtIED: '   0',
      maturityDate: '2025-07-01T00:00',
    });
    expect(terms.notionalPrincipal.toString()).toBe('5000');
    expect(terms.premiumDiscountAtIED.isZero()).toBe(true);
    expect(terms.maturityDate).toBe('2025-07-01T00:00:00');
  });

  it.each([
    [{ contractType: 'SWAPS' }, 'contractType: SWAPS is none of PAM, LAM, ANN'],
    [{ contractType: undefined }, 'contractType: required'],
    [{ contractRole: 'LENDER' }, 'contractRole: LENDER is none of RPA'],
    [{ contractRole: 'constructor' }, 'contractRole: constructor is none of'],
    [{ maturityDate: ' ' }, 'maturityDate: required'],
    [{ maturityDate: '2024-01-01' }, 'maturityDate: before the initial exchange'],
    [{ notionalPrincipal: '1,000' }, 'notionalPrincipal: not a number: 1,000'],
    [{ notionalPrincipal: 'Infinity' }, 'notionalPrincipal: not a number: Infinity'],
    [{ notionalPrincipal: {} }, 'notionalPrincipal: not a text'],
    [{ initialExchangeDate: '2025-02-29' }, 'initialExchangeDate: not a date: 2025-02-29'],
    [{ cycleOfInterestPayment: '1M-' }, 'cycleOfInterestPayment: not a cycle: 1M-'],
    [{ dayCountConvention: 'A366' }, 'dayCountConvention: A366 is none of AA'],
    [{ scalingEffect: 'IX0' }, 'scalingEffect: not supported: IX0'],
    [{ scalingEffect: 'I00' }, 'marketObjectCodeOfScalingIndex: required'],
    [{ cycleOfRateReset: 'P3ML1' }, 'marketObjectCodeOfRateReset: required'],
    [{ cyclePointOfInterestPayment: 'B' }, 'cyclePointOfInterestPayment: B is none of E'],
    [{ purchaseDate: '2025-02-01' }, 'priceAtPurchaseDate: required'],
  ])('refuses %j', (change, message) => {
    expect(() => parseTerms({ ...pam, ...change })).toThrow(TermsError);
    expect(() => parseTerms({ ...pam, ...change })).toThrow(message);
  });

  it('has a base of interest for amortizing types only', () => {
    expect(parseTerms({ ...pam, interestCalculationBase: 'NTL' }).interestCalculationBase).toBe('NT');
    const lam = { ...amortizing, contractType: 'LAM', interestCalculationBase: 'NTL' };
    expect(parseTerms(lam).interestCalculationBase).toBe('NTL');
  });
});
