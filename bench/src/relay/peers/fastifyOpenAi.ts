/** Serves with fastify and the `openai` SDK, combined as in their documentation. */
import { Readable } from 'node:stream';
import fastify from 'fastify';
import OpenAI from 'openai';
import { question, upstreamUrl } from './listen.ts';

const client = new OpenAI({ apiKey: 'sk-bench', baseURL: upstreamUrl, maxRetries: 0 });
const app = fastify();

app.post('/', async (request, reply) => {
  const abort = new AbortController();
  reply.raw.once('close', () => abort.abort());
  const { content } = request.body as { content: string };
  const stream = await client.chat.completions.create(question(content), { signal: abort.signal });
  async function* events() {
    try {
      for await (const chunk of stream) {
        const text = chunk.choices[0]?.delta?.content;
        if (text) yield `data: ${JSON.stringify({ content: text })}\n\n`;
      }
      yield 'data: [DONE]\n\n';
    } catch (error) {
      if (!abort.signal.aborted) throw error;
    }
  }
  return reply.type('text/event-stream').send(Readable.from(events()));
});

await app.listen({ host: '127.0.0.1', port: 0 });
const address = app.server.address();
if (typeof address === 'object') process.stdout.write(`ready http://127.0.0.1:${address?.port}\n`);
