import type { Product } from '../../../../chaincode/lending/products/model';
import { ceilingOf, checkProduct, feeOf } from '../../../../chaincode/lending/products/rules';
import {
  bankA,
  exampleProduct,
  officer,
  randomId,
  regulator,
  supervisor,
  World,
} from '../applications/world';

const product = exampleProduct();

describe('a product', () => {
  it.each<[string, Partial<Product>, string]>([
    ['amounts crossed', { minimumAmount: '300000001' }, 'minimumAmount'],
    ['terms crossed', { minimumTermMonths: 37 }, 'minimumTermMonths'],
    ['a fixed rate with resets', { pricing: { ...product.pricing, resetMonths: 6 } }, 'pricing.resetMonths'],
    ['a floating rate without', { pricing: { kind: 'FLOATING', index: 'LPR-1Y' } }, 'pricing.resetMonths'],
    ['LAM without its cycle', { terms: { ...product.terms, type: 'LAM' } }, 'terms.principalCycle'],
    [
      'an annuity at maturity',
      { terms: { ...product.terms, interestCycle: 'AT_MATURITY' } },
      'terms.interestCycle',
    ],
    ['grades that rise', { grades: [...product.grades].reverse() }, 'grades.1'],
    [
      'bands that fall',
      {
        scorecard: [
          {
            metric: 'operating',
            bands: [{ points: 0 }, { from: '2', points: 1 }, { from: '1', points: 2 }],
            notAvailable: 0,
          },
        ],
      },
      'scorecard.0',
    ],
    [
      'no first band',
      { scorecard: [{ metric: 'operating', bands: [{ from: '1', points: 0 }], notAvailable: 0 }] },
      'scorecard.0',
    ],
    ['a coverage of nothing', { limit: { ...product.limit, minimumCoverage: '0' } }, 'limit.minimumCoverage'],
    ['a metric twice', { scorecard: [...product.scorecard, ...product.scorecard] }, 'scorecard'],
  ])('is refused for %s', (_, changes, field) => {
    expect(() => {
      checkProduct({ ...product, ...changes });
    }).toThrow(`INVALID_INPUT[${field}]`);
  });

  it('has a ceiling by its kind of lender, and none where the law sets none', () => {
    const lpr = () => '0.0300';
    expect(ceilingOf(product, lpr)?.toFixed()).toBe('0.24');
    expect(ceilingOf({ ...product, lenderType: 'PRIVATE_LENDER' }, lpr)?.toFixed()).toBe('0.12');
    expect(ceilingOf({ ...product, lenderType: 'MICRO_LENDER' }, lpr)).toBeUndefined();
  });

  it.each([
    ['0.002', '0', 50_000_000n, 100_000n],
    ['0.0005', '100', 1_000n, 101n],
    ['0.0005', '100', 999n, 100n],
  ])('charges %s and %s of %s: %s', (rate, amount, principal, fee) => {
    expect(feeOf({ code: 'arrangement', rate, amount }, principal)).toBe(fee);
  });
});

describe('publishing', () => {
  it('takes two persons, one version after the other, and never changes a version', async () => {
    const world = await World.open();
    await expect(world.fourEyes('PUBLISH_PRODUCT', product)).rejects.toThrow('ALREADY_EXISTS');
    await expect(world.fourEyes('PUBLISH_PRODUCT', exampleProduct({ version: 3 }))).rejects.toThrow(
      'VERSION_CONFLICT',
    );
    await expect(
      world.fourEyes('PUBLISH_PRODUCT', exampleProduct({ version: 2 }), supervisor),
    ).rejects.toThrow('UNAUTHORISED_ROLE');
    await expect(
      world.fourEyes('PUBLISH_PRODUCT', { ...product, version: 2, maximumAmount: 'much' }),
    ).rejects.toThrow('INVALID_INPUT[content.maximumAmount]');
    await world.fourEyes('PUBLISH_PRODUCT', exampleProduct({ version: 2, name: 'Second' }));
    const latest = await world.query('products:Get', { code: product.code }, officer);
    expect(latest).toMatchObject({ product: { version: 2, name: 'Second' }, stop: { state: 'OPEN' } });
    const first = await world.query('products:Get', { code: product.code, version: 1 }, officer);
    expect(first).toMatchObject({ product: { version: 1, name: product.name } });
    const list = await world.query<{ items: unknown[] }>('products:List', {}, officer);
    expect(list.items).toHaveLength(1);
  });

  it('leaves the stop to the regulator: neither bank nor enterprise can write it', async () => {
    const world = await World.open();
    const input = { code: product.code, reason: 'SANDBOX_LIMIT' };
    await expect(world.submit('products:Suspend', input, supervisor, [bankA])).rejects.toThrow(
      'ENDORSEMENT_POLICY_FAILURE',
    );
    await expect(world.submit('products:Suspend', input, officer, [bankA, regulator])).rejects.toThrow(
      'UNAUTHORISED_ROLE',
    );
    await expect(
      world.submit(
        'products:Suspend',
        {
          ...input,
          code: `x${randomId()
            .slice(0, 4)
            .toLowerCase()
            .replace(/[^a-z0-9]/g, 'a')}`,
        },
        supervisor,
        [regulator],
      ),
    ).rejects.toThrow('NOT_FOUND');
  });
});
