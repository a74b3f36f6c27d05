import type { ChannelResources } from '../msp/types';

const implicitPrefix = '_implicit_org_';

/** The MSP whose implicit collection it is, or undefined for any other name. */
export function mspOfCollection(collection: string): string | undefined {
  return collection.startsWith(implicitPrefix) ? collection.slice(implicitPrefix.length) : undefined;
}

/** True when the collection exists on the channel: the implicit one of a member. */
export function collectionExists(resources: ChannelResources, collection: string): boolean {
  const msp = mspOfCollection(collection);
  return msp !== undefined && resources.memberGroup(msp) !== undefined;
}
