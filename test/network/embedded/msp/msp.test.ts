import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { common, msp as mspProtos, peer } from '@hyperledger/fabric-protos';
import { channelResources, configOfBlock } from '../../../../network/runtimes/embedded/msp/channel-resources';
import { hasLowS } from '../../../../network/runtimes/embedded/msp/low-s';
import { IdentityError } from '../../../../network/runtimes/embedded/msp/types';
import type { ChannelResources, SignedData } from '../../../../network/runtimes/embedded/msp/types';
import { authorityPaths, mspPaths, ordererPath } from '../../../../network/identity/paths';
import { issueIdentity } from '../../../../network/identity/identities';
import { signerOf, World, type Signer } from '../ledger/world';

const message = Buffer.from('what is signed');
let world: World;
let resources: ChannelResources;

beforeAll(async () => {
  world = await World.create();
  resources = world.ledger.resources;
});
afterAll(() => world.destroy());

const serialize = (mspId: string, pem: string): Uint8Array => {
  const identity = new mspProtos.SerializedIdentity();
  identity.setMspid(mspId);
  identity.setIdBytes(Buffer.from(pem));
  return identity.serializeBinary();
};

async function signed(signer: Signer): Promise<SignedData> {
  return { data: message, identity: signer.serialized, signature: await signer.sign(message) };
}

const principal = (kind: number, bytes: Uint8Array): mspProtos.MSPPrincipal => {
  const result = new mspProtos.MSPPrincipal();
  result.setPrincipalClassification(kind as mspProtos.MSPPrincipal.ClassificationMap['ROLE']);
  result.setPrincipal(bytes);
  return result;
};

const kinds = mspProtos.MSPPrincipal.Classification;

const role = (mspId: string, name: keyof mspProtos.MSPRole.MSPRoleTypeMap): mspProtos.MSPPrincipal => {
  const value = new mspProtos.MSPRole();
  value.setMspIdentifier(mspId);
  value.setRole(mspProtos.MSPRole.MSPRoleType[name]);
  return principal(kinds.ROLE, value.serializeBinary());
};

type Rule = number | readonly [number, ...Rule[]];

function rule(shape: Rule): common.SignaturePolicy {
  const result = new common.SignaturePolicy();
  if (typeof shape === 'number') {
    result.setSignedBy(shape);
    return result;
  }
  const [n, ...rules] = shape;
  const nOutOf = new common.SignaturePolicy.NOutOf();
  nOutOf.setN(n);
  nOutOf.setRulesList(rules.map(rule));
  result.setNOutOf(nOutOf);
  return result;
}

function policy(shape: Rule, principals: mspProtos.MSPPrincipal[]) {
  const envelope = new common.SignaturePolicyEnvelope();
  envelope.setRule(rule(shape));
  envelope.setIdentitiesList(principals);
  return resources.signaturePolicy(envelope.serializeBinary());
}

describe('an identity', () => {
  it('is known by its organisation, role and units', () => {
    const identity = resources.msps.identity(world.client.serialized);
    expect(identity.mspId).toBe('AMSP');
    expect(identity.role).toBe('client');
    expect(identity.organizationalUnits).toEqual(['client', 'service']);
    expect(identity.expiresAt.getTime()).toBeGreaterThan(Date.now());
    expect(identity.satisfies(role('AMSP', 'MEMBER'))).toBe(true);
    expect(identity.satisfies(role('AMSP', 'CLIENT'))).toBe(true);
    expect(identity.satisfies(role('AMSP', 'ADMIN'))).toBe(false);
    expect(identity.satisfies(role('AMSP', 'PEER'))).toBe(false);
    expect(identity.satisfies(role('BMSP', 'MEMBER'))).toBe(false);
    const admin = resources.msps.identity(world.user('b', 'Admin').serialized);
    expect(admin.satisfies(role('BMSP', 'ADMIN'))).toBe(true);
  });

  it.each([
    ['of another MSP', () => serialize('BMSP', pemOf(world.client))],
    ['of an unknown MSP', () => serialize('ZMSP', pemOf(world.client))],
    ['that is an authority', () => serialize('AMSP', authorityPem('a'))],
    ['that is no certificate', () => serialize('AMSP', 'hello')],
    ['that is no protobuf', () => Buffer.from([0xff, 0xff, 0xff])],
  ])('%s is refused', (_, make) => {
    expect(() => resources.msps.identity(make())).toThrow(IdentityError);
  });

  it('verifies its own signatures, in their low-S form only', async () => {
    const identity = resources.msps.identity(world.client.serialized);
    const signature = await world.client.sign(message);
    expect(identity.verify(message, signature)).toBe(true);
    expect(identity.verify(message, signature)).toBe(true);
    expect(identity.verify(Buffer.from('another'), signature)).toBe(false);
    const high = highS(signature);
    expect(hasLowS(signature, 'prime256v1')).toBe(true);
    expect(hasLowS(high, 'prime256v1')).toBe(false);
    expect(identity.verify(message, high)).toBe(false);
    expect(identity.verify(message, Buffer.from('30060201010201'))).toBe(false);
    expect(identity.verify(message, new Uint8Array())).toBe(false);
  });

  it('counts once, however it is written down', async () => {
    const plain = await signed(world.client);
    const padded = serialize('AMSP', `${pemOf(world.client)}\n\n`);
    const twice = [plain, { ...plain, identity: padded }];
    const both = policy([2, 0, 0], [role('AMSP', 'CLIENT')]);
    expect(both.evaluate(twice)).toBe(false);
    const [one, two] = twice.map(({ identity }) => resources.msps.identity(identity));
    expect(one && two && both.evaluateIdentities([one, two])).toBe(false);
    await issueIdentity(world.files, 'a', { id: 'second', ou: 'client' });
    expect(both.evaluate([plain, await signed(world.user('a', 'second'))])).toBe(true);
  });
});

describe('a signature policy', () => {
  const [a, b] = [role('AMSP', 'PEER'), role('BMSP', 'PEER')];

  it('uses each signature once, as Fabric does', async () => {
    const [ofA, ofB] = [await signed(world.peer('AMSP')), await signed(world.peer('BMSP'))];
    const either: Rule = [1, 0, 1];
    // AND(OR(a,b), OR(a,b)) fails with both: the first OR takes both signatures.
    expect(policy([2, either, either], [a, b]).evaluate([ofA, ofB])).toBe(false);
    expect(policy([1, [2, 0, 1]], [a, b]).evaluate([ofA, ofB])).toBe(true);
    expect(policy([1, [2, 0, 1]], [a, b]).evaluate([ofA, ofA])).toBe(false);
    expect(policy([2, 0, 0], [a]).evaluate([ofA, ofB])).toBe(false);
    expect(policy([0], [a]).evaluate([])).toBe(true);
  });

  it('gives back what a failed branch used', async () => {
    const ofA = await signed(world.peer('AMSP'));
    // OR(AND(a,b), a): the failed AND must not use up a's signature.
    expect(policy([1, [2, 0, 1], 0], [a, b]).evaluate([ofA])).toBe(true);
  });

  it('ignores bad signatures and foreign identities', async () => {
    const ofA = await signed(world.peer('AMSP'));
    const forged = { ...ofA, identity: world.peer('BMSP').serialized };
    expect(policy([1, 1], [a, b]).evaluate([forged])).toBe(false);
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const stranger = signerOf('AMSP', pemOf(world.peer('AMSP')), privateKey);
    expect(policy([1, 0], [a, b]).evaluate([await signed(stranger)])).toBe(false);
    expect(policy([1, 0], [a, b]).evaluate([await signed(stranger), ofA])).toBe(true);
  });

  it('that cannot be read is satisfied by nobody', async () => {
    const all = [await signed(world.peer('AMSP'))];
    expect(resources.signaturePolicy(Buffer.from([0xff, 1, 2])).evaluate(all)).toBe(false);
    expect(policy([1, 7], [a]).evaluate(all)).toBe(false);
  });

  it('knows principals by identity and by organisational unit', async () => {
    const ofA = await signed(world.client);
    const exact = principal(kinds.IDENTITY, world.client.serialized);
    expect(policy([1, 0], [exact]).evaluate([ofA])).toBe(true);
    expect(policy([1, 0], [exact]).evaluate([await signed(world.peer('AMSP'))])).toBe(false);
    const readers = resources.policy('/Channel/Application/AMSP/Readers');
    expect(readers?.evaluate([ofA])).toBe(true);
    await issueIdentity(world.files, 'a', { id: 'customer', ou: 'client' });
    expect(readers?.evaluate([await signed(world.user('a', 'customer'))])).toBe(false);
  });
});

describe("a channel's configuration", () => {
  it('has ImplicitMeta policies over its organisations', async () => {
    const admins = resources.policy('/Channel/Application/Admins');
    const ofA = await signed(world.user('a', 'Admin'));
    const ofB = await signed(world.user('b', 'Admin'));
    expect(admins?.evaluate([ofA])).toBe(false);
    expect(admins?.evaluate([ofA, ofA])).toBe(false);
    expect(admins?.evaluate([ofA, ofB])).toBe(true);
    expect(resources.policy('/Channel/Application/Writers')?.evaluate([ofA])).toBe(true);
    expect(resources.policy('/Channel/Nowhere/Writers')).toBeUndefined();
    expect(resources.policy('/Channel/Application/Unheard')).toBeUndefined();
    expect(resources.policy('Writers')).toBeUndefined();
  });

  it('guards resources by its ACLs, then by the defaults of Fabric', () => {
    expect(resources.aclPath('gateway/CommitStatus')).toBe('/Channel/Application/Writers');
    expect(resources.aclPath('gateway/ChaincodeEvents')).toBe('/Channel/Application/Readers');
    expect(resources.aclPath('peer/Propose')).toBe('/Channel/Application/Writers');
    expect(resources.acl('no/Such')).toBeUndefined();
  });

  it('names members, orderers and batches', async () => {
    expect(resources.members).toEqual(['AMSP', 'BMSP', 'CMSP']);
    expect(resources.ordererMsps).toEqual(['OrdererMSP']);
    expect(resources.batch).toMatchObject({ maxMessages: 10, timeoutMs: 250 });
    const { certificate, key } = mspPaths(ordererPath(world.directory, 'orderer'));
    const orderer = signerOf(
      'OrdererMSP',
      readFileSync(certificate, 'utf8'),
      createPrivateKey(readFileSync(key)),
    );
    expect(resources.msps.identity(orderer.serialized).role).toBe('orderer');
    expect(resources.policy('/Channel/Orderer/BlockValidation')?.evaluate([await signed(orderer)])).toBe(
      true,
    );
  });

  it('resolves the policies of chaincode definitions', async () => {
    const reference = new peer.ApplicationPolicy();
    reference.setChannelConfigPolicyReference('/Channel/Application/LifecycleEndorsement');
    const lifecycle = resources.applicationPolicy(reference.serializeBinary());
    const [ofA, ofB] = [await signed(world.peer('AMSP')), await signed(world.peer('BMSP'))];
    expect(lifecycle.evaluate([ofA])).toBe(false);
    expect(lifecycle.evaluate([ofA, ofB])).toBe(true);
    reference.setChannelConfigPolicyReference('/Channel/Application/Missing');
    expect(resources.applicationPolicy(reference.serializeBinary()).evaluate([ofA, ofB])).toBe(false);
  });

  it('says what it does not support', () => {
    const configured = configOfBlock(world.genesis);
    const group = configured?.config
      .getChannelGroup()
      ?.getGroupsMap()
      .get('Application')
      ?.getGroupsMap()
      .get('AMSP');
    const value = group?.getValuesMap().get('MSP');
    const outer = mspProtos.MSPConfig.deserializeBinary(value?.getValue_asU8() ?? new Uint8Array());
    const inner = mspProtos.FabricMSPConfig.deserializeBinary(outer.getConfig_asU8());
    inner.addRevocationList('list');
    outer.setConfig(inner.serializeBinary());
    value?.setValue(outer.serializeBinary());
    expect(() => configured && channelResources('main', configured.config)).toThrow(
      'revocation lists are not supported',
    );
  });
});

function pemOf({ serialized }: Signer): string {
  return Buffer.from(mspProtos.SerializedIdentity.deserializeBinary(serialized).getIdBytes_asU8()).toString();
}

function authorityPem(organisation: string): string {
  return readFileSync(authorityPaths(world.directory, organisation).signCertificate, 'utf8');
}

/** The other form of an ECDSA signature: (r, n − s). */
function highS(signature: Uint8Array): Buffer {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const der = Buffer.from(signature);
  const rEnd = 4 + der.readUInt8(3);
  const s = BigInt(`0x${der.subarray(rEnd + 2).toString('hex')}`);
  let hex = (order - s).toString(16).padStart(64, '0');
  if (Number.parseInt(hex.slice(0, 2), 16) >= 0x80) hex = `00${hex}`;
  const value = Buffer.from(hex, 'hex');
  const body = Buffer.concat([der.subarray(2, rEnd), Buffer.from([2, value.length]), value]);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}
