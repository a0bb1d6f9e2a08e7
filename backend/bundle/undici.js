/** The parts of undici that the server uses; its own index loads all of them. A further import fails the build. */
// @ts-expect-error: undici has types for its index only.
export { default as buildConnector } from 'undici/lib/core/connect.js';
// @ts-expect-error: as above.
export { default as Agent } from 'undici/lib/dispatcher/agent.js';
