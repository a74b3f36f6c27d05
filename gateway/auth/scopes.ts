/** What a token may allow, with the words that the OpenAPI document shows. */
export const scopes = {
  'registry:read': 'Read the consortium: record types, departments, purposes',
  'agents:operate': 'See what agents gave up, and have it tried again',
  'consortium:propose': 'Propose changes of the consortium’s state',
  'consortium:vote': 'Vote on changes of the consortium’s state, and enact them',
  'references:publish': 'Publish rates and calendars',
  'enterprises:read': 'Read entries of enterprises',
  'enterprises:write': 'Register enterprises and enrol their signatories',
  'records:read': 'Read records held by the organisation',
  'records:write': 'Attest, supersede and revoke records',
  'documents:read': 'Read submitted documents',
  'documents:write': 'Submit documents for examination',
  'documents:examine': 'Examine submitted documents',
  'consents:read': 'Read consents',
  'consents:request': 'Ask an enterprise for its consent',
  'consents:sign': 'Lodge signed grants, rejections and resumptions',
  'consents:stop': 'Lodge signed pauses and revocations',
  'data-requests:read': 'Read data requests',
  'data-requests:write': 'Request data under a consent',
  'deliveries:read': 'Read delivered data',
  'access-log:read': 'Read who asked for and received data',
  'breaches:read': 'Read what a bank holds beyond its deadline',
  'archives:open': 'Open sealed evidence of signed loans, and state erasure downstream',
  'products:read': 'Read loan products',
  'products:suspend': 'Suspend and resume loan products',
  'applications:read': 'Read loan applications, offers and notices',
  'applications:write': 'Apply for loans, accept offers, withdraw, ask for a review',
  'applications:decide': 'Attach evidence, decide, give notice, offer',
  'decisions:read': 'Read what a decision rests on',
  'loans:read': 'Read loans, their facts, schedules and quotes',
  'loans:repay': 'Bring signed orders that repay a loan',
  'loans:draw': 'Bring signed orders that draw on a credit line, and withdraw them',
  'credit-lines:close': 'Close credit lines',
  'accounts:read': 'Read deposit accounts, statements and orders',
  'accounts:write': 'Open and close deposit accounts',
  'transfers:write': 'Bring signed payment orders',
  'journal:read': 'Read journal entries',
  'proposals:read': 'Read what waits for a second person',
  'proposals:make': 'Propose what takes two persons',
  'proposals:check': 'Approve or reject what another person proposed',
  'business-days:read': 'Read business days and their control totals',
  'business-days:write': 'Begin and close business days',
} as const satisfies Readonly<Record<string, string>>;

export type Scope = keyof typeof scopes;

export function isScope(scope: string): scope is Scope {
  return Object.hasOwn(scopes, scope);
}

/** What all of a bank's lending staff and the supervisor may look at. */
const bankReads: readonly Scope[] = [
  'products:read',
  'applications:read',
  'loans:read',
  'accounts:read',
  'journal:read',
  'proposals:read',
  'business-days:read',
];

/**
 * Scopes that go with a role of the Fabric identity's certificate (attribute `role`). The contracts check the role
 * again: a scope only narrows what a token is good for.
 */
const scopesOfRole: Readonly<Record<string, readonly Scope[]>> = {
  admin: ['registry:read', 'enterprises:read', 'consortium:propose', 'consortium:vote', 'agents:operate'],
  registrar: ['registry:read', 'enterprises:read', 'enterprises:write', 'consents:stop'],
  attester: ['registry:read', 'enterprises:read', 'records:read', 'records:write', 'consents:stop'],
  examiner: [
    'registry:read',
    'enterprises:read',
    'records:read',
    'records:write',
    'documents:read',
    'documents:examine',
  ],
  'credit-officer': [
    'registry:read',
    'enterprises:read',
    'consents:read',
    'consents:request',
    'data-requests:read',
    'data-requests:write',
    'deliveries:read',
    ...bankReads,
    'decisions:read',
    'applications:decide',
    'credit-lines:close',
    'accounts:write',
    'proposals:make',
  ],
  approver: ['registry:read', 'enterprises:read', ...bankReads, 'decisions:read', 'proposals:check'],
  treasurer: [
    'registry:read',
    'enterprises:read',
    ...bankReads,
    'accounts:write',
    'proposals:make',
    'proposals:check',
    'business-days:write',
  ],
  auditor: [
    'registry:read',
    'data-requests:read',
    'consents:read',
    'applications:read',
    'breaches:read',
    'archives:open',
  ],
  servicer: ['registry:read', ...bankReads, 'proposals:make', 'business-days:write'],
  'enterprise-user': [
    'registry:read',
    'enterprises:read',
    'records:read',
    'records:write',
    'documents:read',
    'documents:write',
    'consents:read',
    'consents:sign',
    'consents:stop',
    'data-requests:read',
    'access-log:read',
    'products:read',
    'applications:read',
    'applications:write',
    'loans:read',
    'loans:repay',
    'loans:draw',
    'credit-lines:close',
    'accounts:read',
    'transfers:write',
    'business-days:read',
  ],
  supervisor: [
    'registry:read',
    'enterprises:read',
    'consents:read',
    'consents:stop',
    'data-requests:read',
    'access-log:read',
    'breaches:read',
    ...bankReads,
    'products:suspend',
    'references:publish',
  ],
};

/** Scopes of a holder of these roles, without repetition. Agents' roles have none: no person acts as an agent. */
export function scopesOfRoles(roles: readonly string[]): readonly Scope[] {
  return [...new Set(roles.flatMap((role) => scopesOfRole[role] ?? []))];
}
