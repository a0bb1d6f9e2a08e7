/**
 * Runs the clients of the relay bench: raw sockets that read the times inside the chunks. A client costs little, and
 * the same for every relay.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { answerQuestions } from '../support/child.ts';
import { sharedNowUs } from '../support/processFigures.ts';

interface Client {
  readonly socket: Socket;
  readonly sentAtUs: number;
  /** Resolves at the first chunk, with the microseconds since the request. */
  readonly first: Promise<number>;
  /** Resolves when the answer is complete, or its connection has ended. */
  readonly whole: Promise<void>;
  isEnded: boolean;
}

interface Target {
  /** POST sends; GET reads an answer that another request has started. */
  readonly method?: 'POST' | 'GET';
  readonly url: string;
  readonly path: string;
  readonly body: string;
}

/** The end of a body of unknown length; no chunk of an event stream ends like this. */
const lastChunk = '\r\n0\r\n\r\n';
const clients: (Client | undefined)[] = [];
const window = { latenciesUs: [] as number[], bytes: 0 };
const at = '@'.charCodeAt(0);

/** Calls back for each complete `@microseconds@`; keeps an incomplete one for the next chunk. */
function stampReader(onStamp: (stampUs: number) => void): (bytes: Buffer) => void {
  let rest = '';
  return (bytes) => {
    let text = rest;
    rest = '';
    let position = 0;
    if (text !== '') {
      const end = bytes.indexOf(at);
      if (end < 0) {
        rest = (text + bytes.toString('latin1')).slice(0, 64);
        return;
      }
      text += bytes.toString('latin1', 0, end);
      onStamp(Number(text.slice(1)));
      position = end + 1;
    }
    for (;;) {
      const start = bytes.indexOf(at, position);
      if (start < 0) return;
      const end = bytes.indexOf(at, start + 1);
      if (end < 0) {
        rest = bytes.toString('latin1', start);
        return;
      }
      onStamp(Number(bytes.toString('latin1', start + 1, end)));
      position = end + 1;
    }
  };
}

function open({ method = 'POST', url, path, body: ofPost }: Target): Client {
  const body = method === 'POST' ? ofPost : '';
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.setNoDelay(true);
  const first = Promise.withResolvers<number>();
  first.promise.catch(() => undefined);
  const whole = Promise.withResolvers<void>();
  const client: Client = {
    socket,
    sentAtUs: sharedNowUs(),
    first: first.promise,
    whole: whole.promise,
    isEnded: false,
  };
  let hasFirst = false;
  let tail = '';
  const read = stampReader((stampUs) => {
    const nowUs = sharedNowUs();
    window.latenciesUs.push(nowUs - stampUs);
    if (hasFirst) return;
    hasFirst = true;
    first.resolve(nowUs - client.sentAtUs);
  });
  socket.on('data', (bytes) => {
    window.bytes += bytes.length;
    read(bytes);
    tail = (tail + bytes.subarray(-lastChunk.length).toString('latin1')).slice(-lastChunk.length);
    if (tail === lastChunk) whole.resolve();
  });
  socket.on('error', (error) => first.reject(error));
  socket.once('close', () => {
    client.isEnded = true;
    whole.resolve();
    if (!hasFirst) first.reject(new Error('The relay closed before the first chunk.'));
  });
  socket.write(
    `${method} ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Type: application/json\r\nAccept: text/event-stream\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  return client;
}

const numberOf = (value: unknown): number => Number(value);

const commands: Record<string, (question: Record<string, unknown>) => unknown> = {
  /** Opens clients evenly over `overMs`, and waits at most `limitMs` for the first chunk of each. */
  async open({ targets, overMs, limitMs }) {
    const list = targets as Target[];
    const firstIndex = clients.length;
    for (const [index, target] of list.entries()) {
      clients.push(open(target));
      if (index % 10 === 9)
        await new Promise((resolve) => setTimeout(resolve, (numberOf(overMs) * 10) / list.length));
    }
    const limit = new Promise<null>((resolve) => setTimeout(() => resolve(null), numberOf(limitMs)).unref());
    const firsts = clients.slice(firstIndex).map((client) => client?.first.catch(() => null));
    const started = await Promise.all(firsts.map((first) => Promise.race([first, limit])));
    return started.filter((us) => us !== null && us !== undefined);
  },
  /**
   * Makes one request after another and returns the time to the first chunk of each. With `isWhole` the next one waits
   * for the end of the answer.
   */
  async first({ targets, isWhole }) {
    const timesUs: number[] = [];
    for (const target of targets as Target[]) {
      const client = open(target);
      timesUs.push(await client.first);
      if (isWhole === true) await client.whole;
      const gone = once(client.socket, 'close');
      client.socket.destroy();
      await gone;
    }
    return timesUs;
  },
  begin() {
    window.latenciesUs = [];
    window.bytes = 0;
  },
  end() {
    const sorted = Float64Array.from(window.latenciesUs).sort();
    const pick = (share: number) =>
      (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN) / 1000;
    return {
      count: sorted.length,
      bytes: window.bytes,
      p50Ms: pick(0.5),
      p95Ms: pick(0.95),
      p99Ms: pick(0.99),
      maxMs: pick(1),
    };
  },
  /** Ends one client: closes its connection, or asks the server to cancel. */
  async leave({ index, cancelUrl }) {
    const startedAtUs = sharedNowUs();
    if (typeof cancelUrl === 'string')
      await fetch(cancelUrl, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' });
    clients[numberOf(index)]?.socket.destroy();
    return startedAtUs;
  },
  pause: ({ index }) => void clients[numberOf(index)]?.socket.pause(),
  closeAll() {
    for (const client of clients.splice(0)) client?.socket.destroy();
  },
};

process.stdout.write('ready load\n');
answerQuestions((question) => commands[String(question.command)]?.(question));
