/**
 * Serves with the AI SDK and its OpenRouter provider: `streamText` to a UI message stream. With REDIS_URL,
 * resumable-stream makes the stream resumable, as in the SDK's documentation.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createOpenRouter } from '@openrouter/ai-sdk-provider';
import { JsonToSseTransformStream, pipeUIMessageStreamToResponse, streamText } from 'ai';
import { createResumableStreamContext } from 'resumable-stream';
import { listen, upstreamUrl } from './listen.ts';

const openRouter = createOpenRouter({ apiKey: 'sk-bench', baseURL: upstreamUrl });
const resumable = process.env.REDIS_URL ? createResumableStreamContext({ waitUntil: null }) : null;
let streamCount = 0;

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  request.resume();
  const abort = new AbortController();
  // A resumable stream must outlive its reader.
  if (!resumable) response.once('close', () => abort.abort());
  const result = streamText({
    model: openRouter('bench/stream'),
    prompt: 'Hello',
    abortSignal: abort.signal,
    onError: () => undefined,
  });
  const stream = result.toUIMessageStream();
  if (!resumable) {
    await pipeUIMessageStreamToResponse({ response, stream });
    return;
  }
  streamCount += 1;
  const kept = await resumable.createNewResumableStream(String(streamCount), () =>
    stream.pipeThrough(new JsonToSseTransformStream()),
  );
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  if (kept) await pipeline(Readable.fromWeb(kept as never), response);
}

listen(
  createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  }),
);
