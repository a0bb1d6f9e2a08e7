/** Tells requests for what is only in memory from all others, by the chat, the run or the file that their address names. */
import type { IncomingMessage } from 'node:http';
import type { TemporaryDependencies } from '../apiDependencies.ts';

/** The value of a request for a temporary chat. */
export const inMemory = 'memory';
/** Of every other request; no route asks for it. */
const stored = 'stored';

const namedInPath = /^\/api\/(?:projects\/[^/?]+\/chats|(runs|files))\/([^/?]+)/;
/** An upload names the chat that it is for. */
const uploadFor = /^\/api\/files\?(?:.*&)?chatId=([^&]+)/;

/** A routing constraint of fastify: a route with `constraints: { storage: inMemory }` only gets such requests. */
export function createStorageConstraint({ hasChat, hasRun, hasFile }: TemporaryDependencies['database']) {
  const hasByKind: Readonly<Record<string, (id: string) => boolean>> = {
    chats: hasChat,
    runs: hasRun,
    files: hasFile,
  };
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
      const [, kind, id = uploadFor.exec(url)?.[1]] = namedInPath.exec(url) ?? [];
      if (id === undefined) return stored;
      return hasByKind[kind ?? 'chats']?.(id) ? inMemory : stored;
    },
    validate: () => undefined,
    mustMatchWhenDerived: false,
  };
}
