import { IdentityError, type ChannelResources, type Identity, type SignedData } from '../msp/types';

/** A request whose sender may not make it. The message is fit for the sender. */
export class AccessDeniedError extends Error {
  override readonly name = 'AccessDeniedError';
}

/**
 * The identity that signed a request: accepted by one of the channel's MSPs, not expired, with a good signature.
 * @throws AccessDeniedError which does not say which of these failed to hold, as Fabric's does not.
 */
export function authenticate(resources: ChannelResources, signed: SignedData): Identity {
  const { channel } = resources;
  let identity: Identity;
  try {
    identity = resources.msps.identity(signed.identity);
  } catch (error) {
    if (error instanceof IdentityError) {
      throw new AccessDeniedError(
        `access denied: channel [${channel}] creator org unknown, creator is malformed`,
      );
    }
    throw error;
  }
  if (identity.expiresAt.getTime() < Date.now() || !identity.verify(signed.data, signed.signature)) {
    throw new AccessDeniedError(`access denied: channel [${channel}] creator org [${identity.mspId}]`);
  }
  return identity;
}

/**
 * Checks that an identity satisfies the policy which guards a resource, such as `peer/Propose`.
 * @throws AccessDeniedError naming policy and channel.
 */
export function authorise(resources: ChannelResources, resource: string, identity: Identity): void {
  if (!(resources.acl(resource)?.evaluateIdentities([identity]) ?? false)) {
    const path = resources.aclPath(resource) ?? 'none';
    throw new AccessDeniedError(
      `failed evaluating policy on signed data during check policy on channel [${resources.channel}] with policy ` +
        `[${path}]: [implicit policy evaluation failed - 0 sub-policies were satisfied, but this policy requires 1 ` +
        `of the '${path.split('/').at(-1) ?? ''}' sub-policies to be satisfied]`,
    );
  }
}

/** `authenticate` and `authorise` in one. @throws AccessDeniedError */
export function checkAccess(resources: ChannelResources, resource: string, signed: SignedData): Identity {
  const identity = authenticate(resources, signed);
  authorise(resources, resource, identity);
  return identity;
}
