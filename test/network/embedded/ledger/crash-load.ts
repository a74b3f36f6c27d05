import { bytes, chaincode, World } from './world';

/** The collection that the load writes to. */
export const collection = '_implicit_org_AMSP';

/**
 * Commits blocks of three transactions, each writing the block's number publicly or privately, and purging the
 * private value before last. Reports the number of each block after its commit. Never returns.
 */
export async function commitForever(directory: string, report: (line: string) => void): Promise<never> {
  const world = await World.create(directory);
  report('ready');
  for (;;) {
    const { height } = world.ledger;
    const value = bytes(`value of block ${height}.`);
    await world.commit(
      await world.transaction((s) => s.putState(chaincode, 'public', value)),
      await world.transaction((s) => s.putPrivateData(chaincode, collection, `private${height}`, value), {
        endorsers: ['AMSP'],
      }),
      await world.transaction((s) => s.purgePrivateData(chaincode, collection, `private${height - 2}`), {
        endorsers: ['AMSP'],
      }),
    );
    report(String(height));
  }
}
