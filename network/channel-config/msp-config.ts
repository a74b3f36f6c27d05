import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { msp } from '@hyperledger/fabric-protos';
import { authorityPaths } from '../identity/paths';

/** Fabric's number for an X.509 MSP. */
const fabricMsp = 0;

/** An organisation's MSP as a channel's configuration carries it: roots, node units, no signing identity. */
export function mspConfig(directory: string, organisation: string, mspId: string): msp.MSPConfig {
  const files = authorityPaths(directory, organisation);
  const root = readFileSync(files.signCertificate);

  const crypto = new msp.FabricCryptoConfig();
  crypto.setSignatureHashFamily('SHA2');
  crypto.setIdentityIdentifierHashFunction('SHA256');

  const units = new msp.FabricNodeOUs();
  units.setEnable(true);
  units.setClientOuIdentifier(unit('client', root));
  units.setPeerOuIdentifier(unit('peer', root));
  units.setAdminOuIdentifier(unit('admin', root));
  units.setOrdererOuIdentifier(unit('orderer', root));

  const config = new msp.FabricMSPConfig();
  config.setName(mspId);
  config.setRootCertsList([root]);
  config.setTlsRootCertsList([readFileSync(files.tlsCertificate)]);
  config.setCryptoConfig(crypto);
  config.setFabricNodeOus(units);

  const result = new msp.MSPConfig();
  result.setType(fabricMsp);
  result.setConfig(config.serializeBinary());
  return result;
}

/**
 * How Fabric names the authority behind an organisational unit: the hash of its certification path, here of the one
 * root (`getCertificationChainIdentifier` of its MSP).
 */
export function certifiersIdentifier(directory: string, organisation: string): Buffer {
  const root = new X509Certificate(readFileSync(authorityPaths(directory, organisation).signCertificate));
  return createHash('sha256').update(root.raw).digest();
}

function unit(name: string, root: Buffer): msp.FabricOUIdentifier {
  const identifier = new msp.FabricOUIdentifier();
  identifier.setCertificate(root);
  identifier.setOrganizationalUnitIdentifier(name);
  return identifier;
}
