/** Hands requests for what is only in memory to routes of their own, which are built when there is such a request. */
import type { FastifyInstance } from 'fastify';
import type { TemporaryDependencies } from '../apiDependencies.ts';

const namedInPath = /^\/api\/(?:projects\/[^/?]+\/chats|(runs|files))\/([^/?]+)/;
/** An upload names the chat that it is for. */
const uploadFor = /^\/api\/files\?(?:.*&)?chatId=([^&]+)/;

/**
 * `build` makes what answers them. It takes 18 ms of CPU, which most starts need not spend. Call before any other hook
 * is added that such a request must pass once.
 */
export function routeTemporaryChats(
  server: FastifyInstance,
  database: TemporaryDependencies['database'],
  build: () => Promise<FastifyInstance>,
): void {
  const state: { routes: Promise<FastifyInstance> | null } = { routes: null };
  const isTemporary = createTemporaryCheck(database);
  server.addHook('onRequest', (request, reply, done) => {
    if (!isTemporary(request.raw.url ?? '')) return done();
    state.routes ??= build().then(async (routes) => {
      await routes.ready();
      return routes;
    });
    state.routes.then((routes) => {
      reply.hijack();
      routes.routing(request.raw, reply.raw);
    }, done);
  });
  server.addHook('onClose', async () => {
    await (await state.routes?.catch(() => null))?.close();
  });
}

/** Tells them from all others by the chat, the run or the file that their address names. */
function createTemporaryCheck({ hasChat, hasRun, hasFile }: TemporaryDependencies['database']) {
  const hasByKind: Readonly<Record<string, (id: string) => boolean>> = {
    chats: hasChat,
    runs: hasRun,
    files: hasFile,
  };
  return (url: string): boolean => {
    const [, kind, id = uploadFor.exec(url)?.[1]] = namedInPath.exec(url) ?? [];
    return id !== undefined && (hasByKind[kind ?? 'chats']?.(id) ?? false);
  };
}
