import { Type } from 'typebox';
import { gatewayIdentity } from '../../network/identity/identities';
import { route, type Route } from '../http/route';
import { LedgerError } from '../ledger/errors';
import type { Services } from '../services';

const Live = Type.Object({ status: Type.Literal('up') }, { additionalProperties: false });
const Readiness = Type.Object(
  {
    status: Type.Union([Type.Literal('ready'), Type.Literal('waiting')]),
    organisation: Type.String(),
    msp: Type.String(),
    peer: Type.String({ description: 'Address of the peer that the gateway works with.' }),
    channels: Type.Array(Type.String()),
    detail: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);

/** Whether the process lives, and whether it can work. */
export function healthRoutes(services: Services): readonly Route[] {
  const { organisation, topology, ledger } = services;
  const channels = topology.channels
    .filter(({ members }) => members.includes(organisation.msp))
    .map(({ name }) => name);
  return [
    route({
      method: 'GET',
      path: '/health',
      id: 'isAlive',
      tag: 'health',
      summary: 'Whether the gateway lives',
      scope: 'public',
      responses: { 200: { description: 'It does.', schema: Live } },
      idempotency: 'none',
      handler: () => Promise.resolve({ status: 200, body: { status: 'up' } }),
    }),
    route({
      method: 'GET',
      path: '/v1/health',
      id: 'isReady',
      tag: 'health',
      summary: 'Whether the gateway can work: its peer answers, and the consortium is set up',
      scope: 'public',
      responses: {
        200: { description: 'It can.', schema: Readiness },
        503: { description: 'Not now.', schema: Readiness },
      },
      idempotency: 'none',
      async handler() {
        const about = {
          organisation: organisation.name,
          msp: organisation.msp,
          peer: `127.0.0.1:${organisation.ports.peer}`,
          channels,
        };
        try {
          await ledger.evaluate({
            identity: gatewayIdentity,
            channel: 'registry',
            chaincode: 'registry',
            name: 'GetConsortium',
            input: {},
          });
          return { status: 200, body: { status: 'ready', ...about } };
        } catch (error) {
          if (!(error instanceof LedgerError)) throw error;
          return { status: 503, body: { status: 'waiting', ...about, detail: error.code } };
        }
      },
    }),
  ];
}
