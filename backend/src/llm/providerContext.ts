/** Defines what all calls of one service share. */
import type { Clock } from '../clock.ts';
import type { Redactor } from './failure/redactSecrets.ts';
import type { EndpointAddress } from './http/endpointAddress.ts';
import type { ProviderConnection } from './http/providerConnection.ts';
import type { ProviderSettings } from './wire/openRouterRequest.ts';

export interface ProviderContext {
  readonly settings: ProviderSettings;
  readonly address: EndpointAddress;
  readonly connection: ProviderConnection;
  readonly clock: Clock;
  readonly redactor: Redactor;
  readonly onWarning: (fields: Readonly<Record<string, unknown>>) => void;
  /** Called when the request is written. */
  readonly onSent?: (() => void) | undefined;
  /** Called with how much of the answer is kept, in UTF-16 units; an error that it throws ends the call. */
  readonly onKept?: ((length: number) => void) | undefined;
}
