/** Runs a provider that answers with the simulator's streams, and answers look-ups of a generation as a test says. */
import { createServer, type RequestListener, request, type ServerResponse } from 'node:http';
import { portOf } from './portOf.ts';

export interface LookUpProvider {
  /** Base URL for a server's settings. */
  readonly url: string;
  /** Paths of the look-ups so far. */
  readonly lookUps: readonly string[];
  /** The simulator's URL, to which all other requests are forwarded. */
  forwardTo(url: string): void;
  /** Sets how later look-ups are answered. */
  answerWith(listener: (response: ServerResponse) => void): void;
  close(): Promise<void>;
}

export async function startLookUpProvider(): Promise<LookUpProvider> {
  // A server asks for the models as soon as it starts, when a test does not know the simulator yet.
  const target = Promise.withResolvers<string>();
  const state: { answer: (response: ServerResponse) => void } = {
    answer: (response) => response.destroy(),
  };
  const lookUps: string[] = [];
  const listener: RequestListener = async (incoming, response) => {
    const path = incoming.url ?? '';
    if (path.includes('/generation?')) {
      lookUps.push(path);
      state.answer(response);
      return;
    }
    const { method, headers } = incoming;
    const forwarded = request(new URL(path, await target.promise), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    forwarded.on('error', () => response.destroy());
    response.once('close', () => forwarded.destroy());
    incoming.pipe(forwarded);
  };
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  const port = await portOf(server);
  return {
    url: `http://127.0.0.1:${port}/api/v1`,
    lookUps,
    forwardTo(url) {
      target.resolve(url);
    },
    answerWith(answer) {
      state.answer = answer;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
