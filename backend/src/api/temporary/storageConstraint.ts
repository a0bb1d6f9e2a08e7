/** Tells requests for what is only in memory from all others, by the chat or the run that their path names. */
import type { IncomingMessage } from 'node:http';
import type { TemporaryDependencies } from '../apiDependencies.ts';

/** The value of a request for a temporary chat. */
export const inMemory = 'memory';
/** Of every other request; no route asks for it. */
const stored = 'stored';

const namedInPath = /^\/api\/(?:projects\/[^/?]+\/chats|(runs))\/([^/?]+)/;

/** A routing constraint of fastify: a route with `constraints: { storage: inMemory }` only gets such requests. */
export function createStorageConstraint({ hasChat, hasRun }: TemporaryDependencies['database']) {
  return {
    name: 'storage',
    storage<Handler>() {
      const handlers = new Map<unknown, Handler>();
      return {
        get: (value: unknown) => handlers.get(value) ?? null,
        set: (value: unknown, handler: Handler) => void handlers.set(value, handler),
      };
    },
    deriveConstraint({ url = '' }: Pick<IncomingMessage, 'url'>): string {
      const [, runs, id] = namedInPath.exec(url) ?? [];
      if (id === undefined) return stored;
      return (runs === undefined ? hasChat(id) : hasRun(id)) ? inMemory : stored;
    },
    validate: () => undefined,
    mustMatchWhenDerived: false,
  };
}
