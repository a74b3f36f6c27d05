import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { requireFreePorts } from '../../../network/cli/ports';
import { loadTopology } from '../../../network/topology/load';
import { defaultConsortium } from '../../../network/topology/project';

const topology = loadTopology(defaultConsortium, { portBase: 41_000 });
const [organisation] = topology.organisations;
const directory = mkdtempSync(path.join(tmpdir(), 'ports-'));
const context = { topology, directory, progress: () => undefined };

afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('the ports of a network', () => {
  it('may be taken by nobody', async () => {
    await expect(requireFreePorts(context)).resolves.toBeUndefined();
  });

  it('are named where another program holds one', async () => {
    const port = organisation?.ports.peer ?? 0;
    const other = await new Promise<Server>((resolve) => {
      const server = createServer().listen(port, '127.0.0.1', () => resolve(server));
    });
    try {
      await expect(requireFreePorts(context)).rejects.toThrow(
        `port ${port}, for the peer of market-regulation, is in use by another program`,
      );
    } finally {
      await new Promise((resolve) => other.close(resolve));
    }
  });
});
