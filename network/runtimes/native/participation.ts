import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { ordererHostAlias, ordererPath, tlsPaths, type NetworkFiles } from '../../identity/paths';

/** Milliseconds for one call of the orderer's admin service; joining opens a ledger and a Raft log. */
const DEADLINE_MS = 15_000;

const CHANNELS = '/participation/v1/channels';
const BOUNDARY = 'channel-genesis-block';

/** The orderer's admin service refused, or did not answer in time. */
export class ParticipationError extends Error {
  override readonly name = 'ParticipationError';
}

/**
 * Calls the orderer's channel participation API (what `osnadmin channel` calls) over mutual TLS. The orderer's own TLS
 * certificate serves as the administrator's: the service admits whoever the operator's TLS authority certified.
 */
async function call(
  { topology, directory }: NetworkFiles,
  method: 'GET' | 'POST',
  body?: { readonly type: string; readonly content: Buffer },
): Promise<{ status: number; text: string }> {
  const { name, ports } = topology.orderer;
  const tls = tlsPaths(ordererPath(directory, name));
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void =>
      reject(new ParticipationError(`the orderer's admin service: ${error.message}`, { cause: error }));
    const outgoing = request(
      {
        host: '127.0.0.1',
        port: ports.admin,
        path: CHANNELS,
        method,
        agent: false,
        servername: ordererHostAlias(name),
        ca: readFileSync(tls.rootCertificate),
        cert: readFileSync(tls.certificate),
        key: readFileSync(tls.key),
        signal: AbortSignal.timeout(DEADLINE_MS),
        ...(body === undefined
          ? {}
          : { headers: { 'Content-Type': body.type, 'Content-Length': body.content.length } }),
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', fail);
        response.once('end', () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
        );
      },
    );
    outgoing.once('error', fail);
    outgoing.end(body?.content);
  });
}

/**
 * Names of the channels that the orderer serves.
 * @throws {@link ParticipationError}
 */
export async function ordererChannels(files: NetworkFiles): Promise<readonly string[]> {
  const { status, text } = await call(files, 'GET');
  if (status !== 200) throw new ParticipationError(`listing channels: ${status} ${text}`);
  const { channels } = JSON.parse(text) as { channels: { name: string }[] | null };
  return (channels ?? []).map(({ name }) => name);
}

/**
 * Makes the orderer serve a channel from its genesis block.
 * @throws {@link ParticipationError} where it refuses the block, with its reason.
 */
export async function joinOrderer(files: NetworkFiles, channel: string, block: Buffer): Promise<void> {
  const head =
    `--${BOUNDARY}\r\nContent-Disposition: form-data; name="config-block"; filename="config.block"\r\n` +
    'Content-Type: application/octet-stream\r\n\r\n';
  const content = Buffer.concat([Buffer.from(head), block, Buffer.from(`\r\n--${BOUNDARY}--\r\n`)]);
  const type = `multipart/form-data; boundary=${BOUNDARY}`;
  const { status, text } = await call(files, 'POST', { type, content });
  if (status !== 201) throw new ParticipationError(`joining the orderer to ${channel}: ${status} ${text}`);
}
