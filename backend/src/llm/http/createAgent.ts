/**
 * Creates the agent with the sockets to the provider. It is loaded with the first call, so that no start waits for
 * undici.
 */
import type { AsyncLocalStorage } from 'node:async_hooks';
import { Agent } from 'undici';
import type { CallEnding } from './callEnding.ts';
import type { ProxySettings } from './chooseProxy.ts';
import { createConnector } from './createConnector.ts';

export const createAgent = (endingOfCall: AsyncLocalStorage<CallEnding>, proxies: ProxySettings): Agent =>
  new Agent({
    connect: createConnector(endingOfCall, proxies),
    allowH2: false,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
