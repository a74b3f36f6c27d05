import { X509Certificate } from 'node:crypto';
import { msp as mspProtos } from '@hyperledger/fabric-protos';
import { certificateKey, certificationChain, certifiersIdentifier, organizationalUnits } from './certificate';
import { X509Identity } from './identity';
import { IdentityError, type NodeRole } from './types';

interface NodeUnit {
  readonly role: NodeRole;
  readonly unit: string;
  /** Undefined where any issuer of the MSP will do. */
  readonly certifiers: Buffer | undefined;
}

/** One MSP of a channel, from its `msp.FabricMSPConfig`. */
export class Msp {
  readonly id: string;
  readonly #roots: readonly X509Certificate[];
  readonly #intermediates: readonly X509Certificate[];
  readonly #admins: ReadonlySet<string>;
  /** Undefined where the MSP does not enforce NodeOUs. */
  readonly #nodeUnits: readonly NodeUnit[] | undefined;

  /** @throws Error where the configuration uses what this runtime does not support. */
  constructor(config: mspProtos.FabricMSPConfig) {
    this.id = config.getName();
    if (config.getRevocationListList().length > 0) {
      throw new Error(`MSP ${this.id}: revocation lists are not supported by the embedded runtime`);
    }
    if (config.getOrganizationalUnitIdentifiersList().length > 0) {
      throw new Error(
        `MSP ${this.id}: organizational_unit_identifiers are not supported by the embedded runtime`,
      );
    }
    const certificates = (list: Uint8Array[]) => list.map((pem) => new X509Certificate(pem));
    this.#roots = certificates(config.getRootCertsList_asU8());
    this.#intermediates = certificates(config.getIntermediateCertsList_asU8());
    this.#admins = new Set(certificates(config.getAdminsList_asU8()).map(certificateKey));
    this.#nodeUnits = this.#readNodeUnits(config.getFabricNodeOus());
  }

  #readNodeUnits(config: mspProtos.FabricNodeOUs | undefined): NodeUnit[] | undefined {
    if (config?.getEnable() !== true) return undefined;
    const units: [NodeRole, mspProtos.FabricOUIdentifier | undefined][] = [
      ['client', config.getClientOuIdentifier()],
      ['peer', config.getPeerOuIdentifier()],
      ['admin', config.getAdminOuIdentifier()],
      ['orderer', config.getOrdererOuIdentifier()],
    ];
    return units.flatMap(([role, identifier]) =>
      identifier === undefined
        ? []
        : [
            {
              role,
              unit: identifier.getOrganizationalUnitIdentifier(),
              certifiers: this.#certifiersOf(identifier.getCertificate_asU8()),
            },
          ],
    );
  }

  #certifiersOf(pem: Uint8Array): Buffer | undefined {
    if (pem.length === 0) return undefined;
    const issuer = new X509Certificate(pem);
    if (this.#roots.some((root) => root.raw.equals(issuer.raw))) return certifiersIdentifier([issuer]);
    const chain = certificationChain(issuer, this.#roots, this.#intermediates);
    if (chain === undefined) throw new Error(`MSP ${this.id}: a NodeOU names an unknown certificate`);
    return certifiersIdentifier(chain);
  }

  /**
   * Validates a certificate as a member of this MSP, at whatever time it is asked.
   * @throws IdentityError where it is not acceptable.
   */
  identity(serialized: Uint8Array, pem: Uint8Array): X509Identity {
    let certificate: X509Certificate;
    try {
      certificate = new X509Certificate(pem);
    } catch {
      throw new IdentityError(`the creator's identity in ${this.id} is not an X.509 certificate`);
    }
    if (certificate.ca) {
      throw new IdentityError(`a CA certificate cannot be used directly by ${this.id}`);
    }
    const chain = certificationChain(certificate, this.#roots, this.#intermediates);
    if (chain === undefined) {
      throw new IdentityError(`the supplied identity is not valid: not issued by ${this.id}`);
    }
    const units = organizationalUnits(certificate);
    const certifiers = certifiersIdentifier(chain.slice(1));
    return new X509Identity({
      mspId: this.id,
      serialized,
      certificate,
      role: this.#role(units, certifiers),
      organizationalUnits: units,
      listedAdmin: this.#admins.has(certificateKey(certificate)),
      certifiersIdentifier: certifiers,
    });
  }

  #role(units: readonly string[], certifiers: Buffer): NodeRole | undefined {
    if (this.#nodeUnits === undefined) return undefined;
    const matches = units.flatMap((unit) => this.#nodeUnits?.filter((node) => node.unit === unit) ?? []);
    const [match] = matches;
    if (match === undefined) {
      throw new IdentityError(
        `the identity does not have an OU that resolves to client, peer, orderer, or admin role in ${this.id}`,
      );
    }
    if (matches.length > 1) {
      throw new IdentityError(
        `the identity must have a client, a peer, an orderer, or an admin OU role in ${this.id}, not a combination of them`,
      );
    }
    if (match.certifiers !== undefined && !match.certifiers.equals(certifiers)) {
      throw new IdentityError(`the certifiers identifier does not match in ${this.id}`);
    }
    return match.role;
  }
}
