/** Passes the provider's bytes on unchanged: the lower bound. */
import { Agent, createServer, request as send } from 'node:http';
import { listen, question, upstreamUrl } from './listen.ts';

const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });

listen(
  createServer((request, response) => {
    request.resume();
    const call = send(
      `${upstreamUrl}/chat/completions`,
      { method: 'POST', agent, headers: { 'Content-Type': 'application/json' } },
      (answer) => {
        response.writeHead(200, { 'Content-Type': 'text/event-stream' });
        answer.pipe(response);
        answer.on('error', () => response.destroy());
      },
    );
    call.on('error', () => response.destroy());
    response.once('close', () => call.destroy());
    call.end(JSON.stringify(question('Hello')));
  }),
);
