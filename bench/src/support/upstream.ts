/**
 * Runs the provider of the benches: an OpenRouter that costs almost nothing, so that only the server is measured. One
 * timer paces all streams; each content chunk begins with the time at which it was written: `@microseconds@`.
 */
import { createServer, type ServerResponse } from 'node:http';
import { answerQuestions } from './child.ts';
import { sharedNowUs } from './processFigures.ts';

interface Stream {
  readonly response: ServerResponse;
  readonly startedAtUs: number;
  sentCount: number;
  isBlocked: boolean;
}

/**
 * How the next streams are paced. `perSecond` 0 sends as fast as the reader reads; with `holds` an answer stays open
 * after its last chunk.
 */
const pace = { perSecond: 20, count: 1_000_000, contentBytes: 40, holds: false };
const streams = new Set<Stream>();
const totals = { sent: 0, bytes: 0, opened: 0, closed: 0, lastClosedAtUs: 0 };

const head = (text: string, extra = '') =>
  `data: {"id":"gen-1764000000-abcdefghijklmnopqrst","provider":"Bench","model":"bench/stream","object":"chat.completion.chunk","created":1764000000,"choices":[{"index":0,"delta":{"role":"assistant","content":"${text}"},"finish_reason":null,"native_finish_reason":null,"logprobs":null}]${extra}}\n\n`;
const ending = `data: {"id":"gen-1764000000-abcdefghijklmnopqrst","provider":"Bench","model":"bench/stream","object":"chat.completion.chunk","created":1764000000,"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":"stop","native_finish_reason":"stop","logprobs":null}]}\n\ndata: {"id":"gen-1764000000-abcdefghijklmnopqrst","provider":"Bench","model":"bench/stream","object":"chat.completion.chunk","created":1764000000,"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":10,"total_tokens":20,"cost":0.0001}}\n\ndata: [DONE]\n\n`;

function writeChunk(stream: Stream): void {
  const stamp = `@${sharedNowUs()}@`;
  const chunk = head(stamp + 'x'.repeat(Math.max(0, pace.contentBytes - stamp.length)));
  stream.sentCount += 1;
  totals.sent += 1;
  totals.bytes += pace.contentBytes;
  stream.isBlocked = !stream.response.write(chunk);
}

function advance(stream: Stream, nowUs: number): void {
  if (pace.perSecond === 0) {
    for (let burst = 0; burst < 200 && !stream.isBlocked && stream.sentCount < pace.count; burst += 1) {
      writeChunk(stream);
    }
  } else {
    const dueCount = 1 + Math.floor(((nowUs - stream.startedAtUs) * pace.perSecond) / 1_000_000);
    while (stream.sentCount < Math.min(dueCount, pace.count) && !stream.isBlocked) writeChunk(stream);
  }
  if (stream.sentCount >= pace.count && !stream.isBlocked) {
    streams.delete(stream);
    if (!pace.holds) stream.response.end(ending);
  }
}

setInterval(() => {
  const nowUs = sharedNowUs();
  for (const stream of streams) advance(stream, nowUs);
}, 1);

const server = createServer((request, response) => {
  if (request.method !== 'POST') {
    response.setHeader('Content-Type', 'application/json');
    response.end(
      JSON.stringify({ data: [{ id: 'bench/stream', name: 'Bench', context_length: 1_000_000 }] }),
    );
    return;
  }
  request.resume();
  request.once('end', () => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    const stream: Stream = { response, startedAtUs: sharedNowUs(), sentCount: 0, isBlocked: false };
    streams.add(stream);
    totals.opened += 1;
    response.on('drain', () => {
      stream.isBlocked = false;
      if (pace.perSecond === 0) advance(stream, sharedNowUs());
    });
    response.once('close', () => {
      streams.delete(stream);
      totals.closed += 1;
      totals.lastClosedAtUs = sharedNowUs();
    });
    advance(stream, stream.startedAtUs);
  });
});
server.requestTimeout = 0;
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', 4096, () => {
  const address = server.address();
  if (typeof address === 'object') process.stdout.write(`ready http://127.0.0.1:${address?.port}\n`);
});

answerQuestions((question) => {
  Object.assign(pace, question.pace);
  return { ...totals, open: streams.size };
});
