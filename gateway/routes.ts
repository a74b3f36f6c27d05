import { accessLogRoutes } from './access-log/routes';
import { accountRoutes } from './accounts/routes';
import { applicationRoutes } from './applications/routes';
import { archiveRoutes } from './archives/routes';
import { breachRoutes } from './breaches/routes';
import { businessDayRoutes } from './business-days/routes';
import { consentRoutes } from './consents/routes';
import { consortiumChangeRoutes } from './consortium-changes/routes';
import { consortiumRoutes } from './consortium/routes';
import { negotiationRoutes } from './consents/negotiation-routes';
import { creditLineRoutes } from './credit-lines/routes';
import { dataRequestRoutes } from './data-requests/routes';
import { deadLetterRoutes } from './dead-letters/routes';
import { deliveryRoutes } from './deliveries/routes';
import { enterpriseRoutes } from './enterprises/routes';
import { healthRoutes } from './health/routes';
import type { Route } from './http/route';
import { loanRoutes } from './loans/routes';
import { offerRoutes } from './offers/routes';
import { productRoutes } from './products/routes';
import { proposalRoutes } from './proposals/routes';
import { referenceRoutes } from './references/routes';
import type { Services } from './services';
import { transferRoutes } from './transfers/routes';

/** Every resource of the gateway of an organisation; which routes there are depends on the organisation's roles. */
export function resourceRoutes(services: Services): readonly Route[] {
  return [
    ...healthRoutes(services),
    ...deadLetterRoutes(services),
    ...consortiumRoutes(services),
    ...consortiumChangeRoutes(services),
    ...referenceRoutes(services),
    ...enterpriseRoutes(services),
    ...consentRoutes(services),
    ...negotiationRoutes(services),
    ...dataRequestRoutes(services),
    ...deliveryRoutes(services),
    ...accessLogRoutes(services),
    ...archiveRoutes(services),
    ...breachRoutes(services),
    ...productRoutes(services),
    ...applicationRoutes(services),
    ...offerRoutes(services),
    ...creditLineRoutes(services),
    ...loanRoutes(services),
    ...accountRoutes(services),
    ...transferRoutes(services),
    ...proposalRoutes(services),
    ...businessDayRoutes(services),
  ];
}
