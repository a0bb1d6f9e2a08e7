/** Tests plain SSE clients that are cut in mid-answer: each gets the whole answer, and one run was made. */
import { fetchEventSource } from '@microsoft/fetch-event-source';
import { EventSource } from 'eventsource';
import { createEventSource } from 'eventsource-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { answerOf, attach, countRows, leftOpen, nothing, send } from './callServer.ts';
import { ForeignAnswer, type StreamRequests, watchStreamRequests } from './foreignBench.ts';
import { readRawStream } from './foreignSocket.ts';
import { readStream } from './readStream.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

const firstPart = 'Follow the river 👩‍👩‍👧,';
const secondPart = ' past\r\nthe mill\u2028and its "wheel",';
const thirdPart = ' to the sea é.';
const wholeText = firstPart + secondPart + thirdPart;

let server: TestServer;
let requests: StreamRequests;
beforeEach(async () => {
  server = await startTestServer();
  requests = watchStreamRequests(server);
  server.simulator.script('demo/quick', [
    { delta: firstPart },
    { hold: 'first' },
    { delta: secondPart },
    { hold: 'second' },
    { delta: thirdPart },
    { hold: 'third' },
  ]);
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await server.close();
});

/** Expects one run, one request to the provider, the whole text stored, and nothing left behind. */
async function expectOneRun(path: string): Promise<void> {
  expect(await answerOf(server, path)).toMatchObject({ content: wholeText });
  expect(countRows(server, 'runs')).toBe(1);
  expect(server.simulator.requests.filter((request) => request.model)).toHaveLength(1);
  expect(await leftOpen(server)).toEqual(nothing);
}

/** Cuts the newest stream; the provider writes the second part while no client reads. */
async function cutAndWriteOn(): Promise<void> {
  requests.cutNewest();
  server.simulator.release('first');
  await server.simulator.waitForHold('second');
}

describe('the EventSource of npm', () => {
  function openSource(path: string, query = '') {
    const answer = new ForeignAnswer();
    const source = new EventSource(`${server.url}${path}/messages/stream${query}`);
    for (const type of ['run-start', 'chunk', 'done', 'error']) {
      source.addEventListener(type, (event) => {
        // The library's own `error` event has no data.
        if (event.data !== undefined) answer.take({ id: event.lastEventId, event: type, data: event.data });
        else answer.changes.notify();
      });
    }
    return { answer, source, untilClosed: () => answer.changes.until(() => source.readyState === 2) };
  }

  it('attached in mid-answer reconnects after a cut, misses and repeats nothing, and stops on 204', async () => {
    const { path } = await server.newChat();
    const asked = await send(server, path);
    await server.simulator.waitForHold('first');
    const { answer, source, untilClosed } = openSource(path);
    await answer.untilText(firstPart);
    expect(answer.types).toEqual(['run-start', 'chunk']);
    const idBeforeCut = answer.lastId;
    await cutAndWriteOn();
    await answer.untilText(firstPart + secondPart);
    server.simulator.release('second');
    server.simulator.release('third');
    await untilClosed();

    expect(source.readyState).toBe(source.CLOSED);
    expect(answer.types.filter((type) => type !== 'chunk')).toEqual(['run-start', 'done']);
    expect(answer.view).toMatchObject({ status: 'completed', content: wholeText });
    expect(answer.joinedText).toBe(wholeText);
    expect(requests.all.slice(1)).toMatchObject([
      { method: 'GET', status: 200, lastEventId: undefined },
      { method: 'GET', status: 200, lastEventId: idBeforeCut },
      { method: 'GET', status: 204, lastEventId: answer.lastId },
    ]);
    await asked.rest();
    await expectOneRun(path);
  });

  it('opened at the start of a run resumes from its last id, not from the query, and gets a complete failure', async () => {
    server.simulator.script('demo/quick', [
      { delta: firstPart },
      { hold: 'first' },
      { delta: secondPart },
      { hold: 'second' },
      { error: { code: 502, message: 'Provider returned error' } },
    ]);
    const { path } = await server.newChat();
    const asked = await send(server, path);
    const runId = asked.response.headers.get('rill-run');
    await asked.disconnect();
    const { answer, untilClosed } = openSource(path, `?cursor=${runId}.0.0.0`);
    await answer.untilText(firstPart);
    await cutAndWriteOn();
    server.simulator.release('second');
    await untilClosed();

    expect(answer.types.filter((type) => type !== 'chunk')).toEqual(['run-start', 'error']);
    expect(answer.view).toMatchObject({ status: 'failed', error: { code: 'provider_unavailable' } });
    expect(answer.joinedText).toBe(firstPart + secondPart);
    expect(answer.view?.content).toBe(firstPart + secondPart);
    expect(requests.all.map(({ status }) => status)).toEqual([200, 200, 200, 204]);
    expect(await leftOpen(server)).toEqual(nothing);
  });
});

describe('fetch-event-source of npm', () => {
  /** A page that can be hidden; the client uses its timers and its visibility events. */
  function stubPage() {
    const document = Object.assign(new EventTarget(), { hidden: false });
    vi.stubGlobal('window', { setTimeout, clearTimeout, fetch });
    vi.stubGlobal('document', document);
    const setHidden = (hidden: boolean) => {
      document.hidden = hidden;
      document.dispatchEvent(new Event('visibilitychange'));
    };
    return { hide: () => setHidden(true), show: () => setHidden(false) };
  }

  function ask(path: string, openWhenHidden: boolean) {
    const answer = new ForeignAnswer();
    const finished = fetchEventSource(`${server.url}${path}/messages/stream`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': 'one-send' },
      body: JSON.stringify({ content: 'Which way to the sea?' }),
      openWhenHidden,
      onmessage: (message) => answer.take(message),
    });
    return { answer, finished };
  }

  function expectWholeAndOnce(answer: ForeignAnswer, idBefore: string): void {
    expect(answer.view).toMatchObject({ status: 'completed', content: wholeText });
    expect(answer.joinedText).toBe(wholeText);
    expect(answer.types.filter((type) => type !== 'chunk')).toEqual(['run-start', 'done']);
    const post = { status: 200, key: 'one-send', runId: answer.view?.run?.id };
    expect(requests.all.filter(({ method }) => method === 'POST')).toMatchObject([
      { ...post, lastEventId: undefined },
      { ...post, lastEventId: idBefore },
    ]);
  }

  it.each(['is being written', 'has ended'])(
    'repeats the POST after a cut with its key and its cursor, and resumes there in the answer that %s',
    async (state) => {
      stubPage();
      const { path } = await server.newChat();
      const { answer, finished } = ask(path, true);
      await answer.untilText(firstPart);
      const idBeforeCut = answer.lastId;
      await cutAndWriteOn();
      if (state === 'is being written') await answer.untilText(firstPart + secondPart);
      server.simulator.release('second');
      server.simulator.release('third');
      if (state === 'has ended') await readStream(await attach(server, path, idBeforeCut)).rest();
      await finished;
      expectWholeAndOnce(answer, idBeforeCut);
      await expectOneRun(path);
    },
  );

  it('on a page that is hidden and shown again resumes without a repeated or a missing character', async () => {
    const page = stubPage();
    const { path } = await server.newChat();
    const { answer, finished } = ask(path, false);
    await answer.untilText(firstPart);
    const idBefore = answer.lastId;
    page.hide();
    server.simulator.release('first');
    await server.simulator.waitForHold('second');
    page.show();
    await answer.untilText(firstPart + secondPart);
    server.simulator.release('second');
    server.simulator.release('third');
    await finished;
    expectWholeAndOnce(answer, idBefore);
    await expectOneRun(path);
  });
});

describe('eventsource-client of npm', () => {
  it('repeats the POST after a cut and after the end, and stops on 204', async () => {
    const { path } = await server.newChat();
    const answer = new ForeignAnswer();
    const client = createEventSource({
      url: `${server.url}${path}/messages/stream`,
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': 'one-send' },
      body: JSON.stringify({ content: 'Which way to the sea?' }),
      onMessage: ({ id = '', event = '', data }) => answer.take({ id, event, data }),
    });
    const closed = client[Symbol.asyncIterator]();
    await answer.untilText(firstPart);
    await cutAndWriteOn();
    await answer.untilText(firstPart + secondPart);
    server.simulator.release('second');
    server.simulator.release('third');
    await answer.untilEnd();
    // The iteration ends only when the client has stopped permanently.
    while (!(await closed.next()).done);

    expect(answer.joinedText).toBe(wholeText);
    expect(answer.types.filter((type) => type !== 'chunk')).toEqual(['run-start', 'done']);
    expect(requests.all.map(({ status }) => status)).toEqual([200, 200, 204]);
    await expectOneRun(path);
  });
});

describe('a bare socket, like curl in a loop', () => {
  const question = JSON.stringify({ content: 'Which way to the sea?' });
  const resumeFrom = (id: string) => ({ headers: [`Last-Event-ID: ${id}`] });
  const firstAsk = { headers: ['Idempotency-Key: one-send'], body: question };

  it('killed after every frame gets the answer byte for byte', async () => {
    const { path } = await server.newChat();
    const answer = new ForeignAnswer();
    const holds = ['first', 'second', 'third'];
    while (!answer.hasEnded) {
      const ask = answer.lastId === '' ? firstAsk : resumeFrom(answer.lastId);
      for await (const message of readRawStream({ url: server.url, path, ...ask })) {
        answer.take(message);
        break;
      }
      // The next part is sent only after this one, so that the client is killed in the middle of the answer.
      const hold = answer.joinedText === '' ? undefined : holds.shift();
      if (hold) server.simulator.release(hold);
    }
    expect(answer.types).toEqual(['run-start', 'chunk', 'chunk', 'chunk', 'done']);
    expect(Buffer.from(answer.joinedText)).toEqual(Buffer.from(wholeText));
    expect(requests.all).toHaveLength(5);
    expect((await attach(server, path, answer.lastId)).status).toBe(204);
    await expectOneRun(path);
  });

  it('killed after every number of bytes, also inside lines and characters, gets the answer byte for byte', async () => {
    for (const hold of ['first', 'second', 'third']) server.simulator.release(hold);
    const { path } = await server.newChat();
    const answer = new ForeignAnswer();
    for await (const message of readRawStream({ url: server.url, path, ...firstAsk })) {
      answer.take(message);
      break;
    }
    // Fewer bytes than an emoji has, so that some kills fall inside the emoji of the answer.
    const step = 3;
    for (let maxBytes = 1; !answer.hasEnded; maxBytes += step) {
      const ask = { url: server.url, path, ...resumeFrom(answer.lastId), maxBytes };
      for await (const message of readRawStream(ask)) answer.take(message);
    }
    expect(Buffer.from(answer.joinedText)).toEqual(Buffer.from(wholeText));
    await expectOneRun(path);
  });
});
