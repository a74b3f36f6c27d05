import { accessLogRoutes } from './access-log/routes';
import { consentRoutes } from './consents/routes';
import { consortiumRoutes } from './consortium/routes';
import { dataRequestRoutes } from './data-requests/routes';
import { deliveryRoutes } from './deliveries/routes';
import { enterpriseRoutes } from './enterprises/routes';
import { healthRoutes } from './health/routes';
import type { Route } from './http/route';
import type { Services } from './services';

/** Every resource of the gateway of an organisation; which routes there are depends on the organisation's roles. */
export function resourceRoutes(services: Services): readonly Route[] {
  return [
    ...healthRoutes(services),
    ...consortiumRoutes(services),
    ...enterpriseRoutes(services),
    ...consentRoutes(services),
    ...dataRequestRoutes(services),
    ...deliveryRoutes(services),
    ...accessLogRoutes(services),
  ];
}
