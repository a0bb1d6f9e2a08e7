/** Parses the provider's events by hand, writes small events in its own format, and keeps the text only in memory. */
import { Agent, createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import { listen, question, upstreamUrl } from './listen.ts';

const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
const texts = new Map<ServerResponse, string>();

function relay(answer: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  let rest = '';
  answer.setEncoding('utf8');
  answer.on('data', (text: string) => {
    const events = (rest + text).split('\n\n');
    rest = events.pop() ?? '';
    let out = '';
    for (const event of events) {
      if (!event.startsWith('data: {')) continue;
      const content: unknown = JSON.parse(event.slice(6)).choices?.[0]?.delta?.content;
      if (typeof content !== 'string' || content === '') continue;
      texts.set(response, (texts.get(response) ?? '') + content);
      out += `event: chunk\ndata: ${JSON.stringify({ content })}\n\n`;
    }
    if (out === '' || response.write(out)) return;
    answer.pause();
    response.once('drain', () => answer.resume());
  });
  answer.once('end', () => response.end('event: done\ndata: {}\n\n'));
  answer.on('error', () => response.destroy());
}

listen(
  createServer((request, response) => {
    request.resume();
    const headers = { 'Content-Type': 'application/json' };
    const call = send(`${upstreamUrl}/chat/completions`, { method: 'POST', agent, headers }, (answer) =>
      relay(answer, response),
    );
    call.on('error', () => response.destroy());
    response.once('close', () => {
      texts.delete(response);
      call.destroy();
    });
    call.end(JSON.stringify(question('Hello')));
  }),
);
