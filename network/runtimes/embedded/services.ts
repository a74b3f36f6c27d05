import { createHash } from 'node:crypto';
import { declaredServices } from '../../chaincode-host/services';
import type { ChaincodeService } from '../runtime';
import type { Topology } from '../../topology/topology';

/**
 * The chaincode services of a topology with the package ids that this runtime gives them: `label:sha256`, where the
 * digest is over what a package of an external service consists of, its label and its address.
 */
export function embeddedServices(topology: Topology): ChaincodeService[] {
  return declaredServices({ topology }).map(({ label, ...service }) => {
    const metadata = JSON.stringify({ type: 'ccaas', label, address: service.address });
    return { ...service, packageId: `${label}:${createHash('sha256').update(metadata).digest('hex')}` };
  });
}
