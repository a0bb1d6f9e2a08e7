/** Lists the routes of the provider's key, with their bodies. No answer of any of them contains a key. */
import { type Static, Type } from 'typebox';
import { closed } from '../entities/fieldSchemas.ts';
import type { RouteDefinition } from './routeDefinition.ts';

/**
 * The source of the key: the settings of the server (`environment`, which always wins), the user's entry (`stored`), or
 * none.
 */
export const ProviderKey = Type.Object({
  source: Type.Union([Type.Literal('environment'), Type.Literal('stored'), Type.Literal('none')]),
  lastCharacters: Type.String({
    description: 'The last four characters of a long key, to tell keys apart; else empty.',
  }),
  hasUnusedKey: Type.Boolean({
    description:
      'True when an entered key is kept and not used: the settings have one, or name another provider.',
  }),
  canConnect: Type.Boolean({ description: 'True when the provider makes keys for programs by a button.' }),
});
export type ProviderKey = Static<typeof ProviderKey>;

/** A key as it was pasted; quotes, line breaks and `Bearer ` are removed. */
export const PutProviderKey = Type.Object(
  { apiKey: Type.String({ minLength: 1, maxLength: 1000, writeOnly: true }) },
  closed,
);
export type PutProviderKey = Static<typeof PutProviderKey>;

/** The address to which the provider's page returns: `pageUrl` with `state` and `code` in its query. */
export const ConnectProvider = Type.Object(
  {
    pageUrl: Type.String({
      maxLength: 2000,
      description: 'Address of the settings page, of the origin that the request comes from.',
    }),
  },
  closed,
);
export type ConnectProvider = Static<typeof ConnectProvider>;

/** The provider's page to open, and the time within which the user must finish there. */
export const ProviderConnection = Type.Object({
  url: Type.String(),
  expiresAtMs: Type.Integer({ description: 'Milliseconds since the Unix epoch.' }),
});
export type ProviderConnection = Static<typeof ProviderConnection>;

/** What the provider's page returned. */
export const FinishConnection = Type.Object(
  {
    state: Type.String({ minLength: 1, maxLength: 200 }),
    code: Type.String({ minLength: 1, maxLength: 1000 }),
  },
  closed,
);
export type FinishConnection = Static<typeof FinishConnection>;

const keyPath = '/api/provider-key';

/** Routes of the table in `routes.ts`, by their names. */
export const providerKeyRoutes = {
  getProviderKey: {
    method: 'GET',
    path: keyPath,
    summary: "Where the provider's key comes from; never the key.",
    response: { 200: ProviderKey },
  },
  putProviderKey: {
    method: 'PUT',
    path: keyPath,
    summary: 'Stores a key, which the next answer uses.',
    body: PutProviderKey,
    maxBodyBytes: 4096,
    response: { 200: ProviderKey },
  },
  deleteProviderKey: {
    method: 'DELETE',
    path: keyPath,
    summary: 'Deletes the stored key.',
    response: { 200: ProviderKey },
  },
  connectProvider: {
    method: 'POST',
    path: `${keyPath}/connection`,
    summary: "Begins to get a key by the provider's own page (OAuth with PKCE).",
    body: ConnectProvider,
    maxBodyBytes: 4096,
    response: { 200: ProviderConnection },
  },
  finishConnection: {
    method: 'POST',
    path: `${keyPath}/connection/finish`,
    summary: 'Exchanges the code that the page returned for a key, and stores it.',
    body: FinishConnection,
    maxBodyBytes: 4096,
    response: { 200: ProviderKey },
  },
} as const satisfies Readonly<Record<string, RouteDefinition>>;
