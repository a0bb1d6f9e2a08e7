/** Runs a proxy that gives the server's page and its service worker the name of another build. */
import { once } from 'node:events';
import { request as ask, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RenamingProxy {
  readonly url: string;
  /** The name of the build; null for the server's own. */
  build: string | null;
  close(): Promise<void>;
}

export async function startRenamingProxy(targetUrl: string): Promise<RenamingProxy> {
  const state = { build: null as string | null };
  const listener = createServer((incoming, outgoing) => {
    const { url = '/', method, headers } = incoming;
    const isNamed = /^\/(?:serviceWorker\.js)?$/.test(url);
    const asked = ask(targetUrl, {
      path: url,
      method,
      headers: isNamed ? { ...headers, 'accept-encoding': 'identity' } : headers,
    });
    incoming.pipe(asked);
    // The browser or the server is gone: the other side learns it in the same way.
    outgoing.on('close', () => asked.destroy());
    asked.on('error', () => outgoing.destroy());
    asked.on('response', async (response) => {
      const { build } = state;
      // Renamed content has another length, and must be requested as a whole.
      const { 'content-length': length, etag, 'last-modified': changed, ...rest } = response.headers;
      outgoing.writeHead(response.statusCode ?? 502, isNamed ? rest : response.headers);
      if (!isNamed || build === null) return response.pipe(outgoing);
      const parts: Buffer[] = [];
      for await (const bytes of response) parts.push(bytes);
      const text = Buffer.concat(parts).toString();
      return outgoing.end(
        text.replace(/(rill-build" content="|"build":")[\w-]+/, (_whole, before: string) => before + build),
      );
    });
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return Object.assign(state, {
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    async close() {
      listener.closeAllConnections();
      listener.close();
      await once(listener, 'close');
    },
  });
}
