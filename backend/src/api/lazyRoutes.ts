/** Makes routes with the first request for one of them: a start needs fewer than half of all routes. */
import type { FastifyInstance, FastifyRequest } from 'fastify';

export class LazyRoutes {
  readonly #build: () => Promise<FastifyInstance>;
  #routes: Promise<FastifyInstance> | null = null;

  constructor(build: () => Promise<FastifyInstance>) {
    this.#build = build;
  }

  /**
   * Hands requests of `server` that `isFor` names to these routes. Call before any other hook is added that such a
   * request must pass once.
   */
  answerFor(server: FastifyInstance, isFor: (request: FastifyRequest) => boolean): void {
    server.addHook('onRequest', (request, reply, done) => {
      if (!isFor(request)) return done();
      this.#routes ??= this.#make();
      this.#routes.then((routes) => {
        reply.hijack();
        routes.routing(request.raw, reply.raw);
      }, done);
    });
  }

  async close(): Promise<void> {
    // Routes that could not be made have nothing to close.
    await (await this.#routes?.catch(() => null))?.close();
  }

  /** What could not be loaded, as with too many files open, is loaded again for the next request. */
  async #make(): Promise<FastifyInstance> {
    try {
      const routes = await this.#build();
      await routes.ready();
      return routes;
    } catch (error) {
      this.#routes = null;
      throw error;
    }
  }
}
