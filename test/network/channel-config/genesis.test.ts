import { createHash, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { common, msp, orderer, peer } from '@hyperledger/fabric-protos';
import { createGenesisBlocks, genesisPath } from '../../../network/channel-config/genesis';
import { createIdentities } from '../../../network/identity/identities';
import { authorityPaths, type NetworkFiles } from '../../../network/identity/paths';
import { loadTopology } from '../../../network/topology/load';
import { defaultConsortium } from '../../../network/topology/project';

let files: NetworkFiles;

beforeAll(async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'genesis-'));
  files = { directory, topology: loadTopology(defaultConsortium) };
  await createIdentities(files);
  createGenesisBlocks(files);
});

afterAll(() => rmSync(files.directory, { recursive: true }));

function present<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('absent');
  return value;
}

function readBlock(channel: string): common.Block {
  return common.Block.deserializeBinary(readFileSync(genesisPath(files.directory, channel)));
}

function payloadOf(block: common.Block): common.Payload {
  const [data] = present(block.getData()).getDataList_asU8();
  return common.Payload.deserializeBinary(common.Envelope.deserializeBinary(present(data)).getPayload_asU8());
}

function root(channel: string): common.ConfigGroup {
  const envelope = common.ConfigEnvelope.deserializeBinary(payloadOf(readBlock(channel)).getData_asU8());
  return present(present(envelope.getConfig()).getChannelGroup());
}

function group(of: common.ConfigGroup, ...names: readonly string[]): common.ConfigGroup {
  return names.reduce((current, name) => present(current.getGroupsMap().get(name)), of);
}

function signaturePolicyOf(of: common.ConfigGroup, name: string): common.SignaturePolicyEnvelope {
  const policy = present(present(of.getPoliciesMap().get(name)).getPolicy());
  expect(policy.getType()).toBe(common.Policy.PolicyType.SIGNATURE);
  return common.SignaturePolicyEnvelope.deserializeBinary(policy.getValue_asU8());
}

function value(of: common.ConfigGroup, name: string): Uint8Array {
  return present(of.getValuesMap().get(name)).getValue_asU8();
}

describe("a channel's genesis block", () => {
  it('is block 0, with the hash of its data and the header of a configuration', () => {
    const block = readBlock('sharing-bank-a');
    const header = present(block.getHeader());
    const [data] = present(block.getData()).getDataList_asU8();
    expect(header.getNumber()).toBe(0);
    expect(Buffer.from(header.getDataHash_asU8())).toEqual(
      createHash('sha256').update(present(data)).digest(),
    );
    expect(present(block.getMetadata()).getMetadataList()).toHaveLength(5);
    const payloadHeader = present(payloadOf(block).getHeader());
    const channelHeader = common.ChannelHeader.deserializeBinary(payloadHeader.getChannelHeader_asU8());
    const { nonce } = common.SignatureHeader.deserializeBinary(
      payloadHeader.getSignatureHeader_asU8(),
    ).toObject();
    expect(channelHeader.getChannelId()).toBe('sharing-bank-a');
    expect(channelHeader.getType()).toBe(common.HeaderType.CONFIG);
    expect(channelHeader.getTxId()).toBe(
      createHash('sha256').update(Buffer.from(nonce.toString(), 'base64')).digest('hex'),
    );
  });

  it('is the same when it is built again, and refuses another declaration of the channel', () => {
    const before = readFileSync(genesisPath(files.directory, 'registry'));
    createGenesisBlocks(files);
    expect(readFileSync(genesisPath(files.directory, 'registry'))).toEqual(before);
    const file = path.join(files.directory, 'changed.yaml');
    writeFileSync(
      file,
      readFileSync(defaultConsortium, 'utf8').replace('maxMessages: 100', 'maxMessages: 99'),
    );
    expect(() => createGenesisBlocks({ ...files, topology: loadTopology(file) })).toThrow(
      'channel "registry" was created from another declaration',
    );
    expect(readFileSync(genesisPath(files.directory, 'registry'))).toEqual(before);
  });

  it('differs between channels', () => {
    const nonces = ['registry', 'sharing-bank-a', 'sharing-bank-b'].map((channel) =>
      Buffer.from(present(readBlock(channel).getHeader()).getDataHash_asU8()).toString('hex'),
    );
    expect(new Set(nonces).size).toBe(3);
  });

  it('has the members of the channel and no other bank', () => {
    const application = group(root('sharing-bank-a'), 'Application');
    expect(
      application
        .getGroupsMap()
        .getEntryList()
        .map(([name]) => name)
        .sort(),
    ).toEqual(['BankAMSP', 'EnterpriseMSP', 'MarketRegulationMSP', 'RegulatorMSP', 'TaxMSP']);
  });

  it('leaves clients out of Readers and lets them be Writers', () => {
    const member = group(root('registry'), 'Application', 'EnterpriseMSP');
    const [peers, admins, services, ...others] = signaturePolicyOf(member, 'Readers').getIdentitiesList();
    expect(others).toEqual([]);
    const role = (principal: msp.MSPPrincipal | undefined) =>
      msp.MSPRole.deserializeBinary(present(principal).getPrincipal_asU8()).getRole();
    expect([role(peers), role(admins)]).toEqual([
      msp.MSPRole.MSPRoleType.PEER,
      msp.MSPRole.MSPRoleType.ADMIN,
    ]);

    expect(present(services).getPrincipalClassification()).toBe(
      msp.MSPPrincipal.Classification.ORGANIZATION_UNIT,
    );
    const unit = msp.OrganizationUnit.deserializeBinary(present(services).getPrincipal_asU8());
    const authority = new X509Certificate(
      readFileSync(authorityPaths(files.directory, 'enterprise').signCertificate),
    );
    expect(unit.getMspIdentifier()).toBe('EnterpriseMSP');
    expect(unit.getOrganizationalUnitIdentifier()).toBe('service');
    expect(Buffer.from(unit.getCertifiersIdentifier_asU8())).toEqual(
      createHash('sha256').update(authority.raw).digest(),
    );

    const [writers] = signaturePolicyOf(member, 'Writers').getIdentitiesList();
    expect(role(writers)).toBe(msp.MSPRole.MSPRoleType.MEMBER);
  });

  it('sends commit status and events to Writers', () => {
    const acls = peer.ACLs.deserializeBinary(
      value(group(root('registry'), 'Application'), 'ACLs'),
    ).getAclsMap();
    for (const resource of ['gateway/CommitStatus', 'gateway/ChaincodeEvents'])
      expect(acls.get(resource)?.getPolicyRef()).toBe('/Channel/Application/Writers');
  });

  it('wants the regulator in every majority that replaces contracts', () => {
    const policy = signaturePolicyOf(group(root('sharing-bank-b'), 'Application'), 'LifecycleEndorsement');
    const mspIds = policy
      .getIdentitiesList()
      .map((principal) => msp.MSPRole.deserializeBinary(principal.getPrincipal_asU8()).getMspIdentifier());
    const choices = present(present(policy.getRule()).getNOutOf()).getRulesList();
    expect(choices).toHaveLength(6);
    for (const choice of choices) {
      const all = present(choice.getNOutOf());
      const signers = all.getRulesList().map((rule) => mspIds[rule.getSignedBy()]);
      expect(all.getN()).toBe(3);
      expect(signers).toContain('RegulatorMSP');
    }
  });

  it('tells the orderer its batch and who consents', () => {
    const ordering = group(root('registry'), 'Orderer');
    expect(orderer.BatchSize.deserializeBinary(value(ordering, 'BatchSize')).getMaxMessageCount()).toBe(100);
    expect(orderer.BatchTimeout.deserializeBinary(value(ordering, 'BatchTimeout')).getTimeout()).toBe(
      '100ms',
    );
    const consensus = orderer.ConsensusType.deserializeBinary(value(ordering, 'ConsensusType'));
    const raft = orderer.etcdraft.ConfigMetadata.deserializeBinary(consensus.getMetadata_asU8());
    expect(raft.getConsentersList().map((consenter) => consenter.getPort())).toEqual([
      files.topology.orderer.ports.orderer,
    ]);
  });
});
