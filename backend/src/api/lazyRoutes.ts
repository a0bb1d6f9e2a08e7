/** Registers routes at the first request for one of them: a start needs fewer than half of all routes. */
import type { FastifyInstance, FastifyRequest } from 'fastify';

export class LazyRoutes {
  readonly #build: () => Promise<FastifyInstance>;
  #routes: Promise<FastifyInstance> | null = null;

  constructor(build: () => Promise<FastifyInstance>) {
    this.#build = build;
  }

  /**
   * Passes the requests of `server` for which `isFor` is true to these routes. Call this before adding any hook that
   * such a request must pass only once.
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
    // Routes that failed to load have nothing to close.
    await (await this.#routes?.catch(() => null))?.close();
  }

  /** A failed load, as with too many open files, is repeated at the next request. */
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
