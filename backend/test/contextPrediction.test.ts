/** Tests that a request contains what was said of it before, whatever is pinned or kept out, and what marks do elsewhere. */
import type { Chat, ChatContext, ChatDetail, Message, Project, Run, SendResult } from '@rill/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { detailOf, failureOf, jsonOf, leftOpen, nothing, send } from './callServer.ts';
import { isChunk, readFeed } from './readStream.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

let server: TestServer;
let path: string;
let project: Project;
beforeEach(async () => {
  server = await startTestServer();
  ({ path, project } = await server.newChat());
});
afterEach(async () => {
  expect(await leftOpen(server)).toEqual(nothing);
  await server.close();
});

const contextOf = (query = '') => jsonOf<ChatContext>(server.request('GET', `${path}/context${query}`));
const mark = (id: string, value: string | null) =>
  server.request('PUT', `${path}/messages/${id}/mark`, { mark: value });
const draft = (content: string) =>
  server.request('PUT', `${path}/draft`, { content, writer: 'test', baseRevision: 1_000_000 });
const sentMessages = () => {
  const request = server.simulator.requests.findLast(({ model }) => model);
  const body = request?.body as unknown as { messages: { role: string; content: string }[] } | undefined;
  return body?.messages ?? [];
};

async function ask(content: string, answer: string): Promise<SendResult> {
  server.simulator.nextScript('demo/quick', [{ delta: answer }]);
  return jsonOf<SendResult>(server.request('POST', `${path}/messages`, { content }));
}

const idsAt = async (...indexes: number[]): Promise<string[]> => {
  const { messages } = await detailOf(server, path);
  return indexes.map((index) => messages.at(index)?.id ?? '');
};

/** From 0 to below 1, the same for the same seed. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

/** What the model gets if the page is right: what is in, those of one role that follow each other as one. */
function turnsOf(context: ChatContext, { messages }: ChatDetail, next: string): string[] {
  const included = context.messages.flatMap(({ messageId, isIncluded }) =>
    isIncluded ? messages.filter(({ id }) => id === messageId) : [],
  );
  const turns: { role: string; content: string }[] = [];
  for (const { role, content } of [...included, { role: 'user', content: next }]) {
    const last = turns.at(-1);
    if (last?.role === role) last.content += `\n\n${content}`;
    else turns.push({ role, content });
  }
  return turns.map(({ role, content }) => `${role}: ${content}`);
}

describe('what is sent', () => {
  it.each(Array.from({ length: 6 }, (_, index) => index + 1))(
    'is what was said before, token for token, after any pins and keep-outs (seed %i)',
    async (seed) => {
      const random = randomNumbers(seed);
      const text = (word: string) => `${word} `.repeat(1 + Math.floor(random() ** 2 * 6_000));
      await server.request('PATCH', `/api/projects/${project.id}`, { systemPrompt: text('rule') });
      for (let turn = 0; turn < 5; turn += 1) {
        await ask(text(`question${turn}`), text(`answer${turn}`));
        const { messages } = await detailOf(server, path);
        for (const { id, role } of messages)
          if (random() < 0.3)
            await mark(
              id,
              ['pinned', 'kept-out', role === 'user' ? 'summary' : null, null][Math.floor(random() * 4)] ??
                null,
            );
        const next = text('next');
        await draft(next);
        const context = await contextOf();
        const detail = await detailOf(server, path);
        expect(context.messages.map(({ messageId }) => messageId)).toEqual(
          detail.messages.map(({ id }) => id),
        );
        expect(context.estimatedTokens).toBe(
          context.instructionsTokens + context.historyTokens + context.nextTokens,
        );
        if (context.isTooLarge) {
          const refused = await failureOf(server.request('POST', `${path}/messages`, { content: next }));
          expect(refused.code).toBe('context_too_large');
          for (const { id } of messages) await mark(id, null);
          continue;
        }
        const { message } = await ask(next, text('yes'));
        const [system, ...turns] = sentMessages();
        expect(system?.role).toBe('system');
        expect(turns.map(({ role, content }) => `${role}: ${content}`)).toEqual(
          turnsOf(context, detail, next),
        );
        const run = await jsonOf<Run>(server.request('GET', `/api/runs/${message.runId}`));
        expect(run.context?.estimatedTokens).toBe(context.estimatedTokens);
      }
    },
  );

  it('states a reason for each message', async () => {
    await ask('one', 'uno');
    await ask('two', 'due');
    await ask('three', 'tre');
    const [one, due, three] = await idsAt(0, 3, 4);
    await mark(one ?? '', 'kept-out');
    await mark(due ?? '', 'pinned');
    await mark(three ?? '', 'kept-out');
    const context = await contextOf();
    expect(context.messages.map(({ isIncluded, reason }) => [isIncluded, reason])).toEqual([
      [false, 'kept-out'],
      [false, 'no-question'],
      [true, 'question-of-pinned'],
      [true, 'pinned'],
      [false, 'kept-out'],
      [true, 'fits'],
    ]);
    const { message } = await ask('four', 'quattro');
    expect(sentMessages().map(({ content }) => content)).toEqual(['two', 'due\n\ntre', 'four']);
    const run = await jsonOf<Run>(server.request('GET', `/api/runs/${message.runId}`));
    expect(run.context).toMatchObject({ messageCount: 3, keptOutMessageCount: 2 });
  });

  it('has the oldest turns only if they fit, unless they are pinned', async () => {
    for (const word of ['alpha ', 'bravo ', 'gamma ']) await ask(word.repeat(9_000), 'Yes.');
    const reasons = async () => (await contextOf()).messages.map(({ reason }) => reason);
    expect(await reasons()).toEqual(['no-room', 'no-room', 'fits', 'fits', 'fits', 'fits']);
    const [alpha] = await idsAt(0);
    await mark(alpha ?? '', 'pinned');
    const context = await contextOf();
    expect(context.messages.map(({ reason }) => reason)).toEqual([
      'pinned',
      'no-room',
      'no-room',
      'no-room',
      'fits',
      'fits',
    ]);
    expect(context.estimatedTokens + (context.roomTokens ?? 0)).toBeLessThanOrEqual(32_768);
    expect(context.messages.every(({ estimatedTokens }) => estimatedTokens !== null)).toBe(true);
    await ask('delta', 'Yes.');
    expect(sentMessages()[0]?.content.startsWith('alpha')).toBe(true);
  });

  it('is refused when the pins alone are too large, with that reason', async () => {
    for (const word of ['alpha ', 'bravo ', 'gamma ', 'delta ']) await ask(word.repeat(9_000), 'Yes.');
    for (const id of await idsAt(0, 2, 4, 6)) await mark(id, 'pinned');
    expect((await contextOf()).isTooLarge).toBe(true);
    const refused = await failureOf(server.request('POST', `${path}/messages`, { content: 'Hi' }));
    expect(refused).toMatchObject({ status: 422, code: 'context_too_large' });
    expect(refused.message).toContain('pinned');
  });

  it('answers an excluded question when it is asked again', async () => {
    await ask('one', 'uno');
    const [question, answer] = await idsAt(0, 1);
    await mark(question ?? '', 'kept-out');
    await server.request('POST', `${path}/messages`, { regenerateOf: answer });
    expect(sentMessages().map(({ content }) => content)).toEqual(['one']);
  });
});

describe('a summary', () => {
  const summarise = async (answer: string) => {
    server.simulator.nextScript('demo/quick', [{ delta: answer }]);
    const body = { content: 'Summarise.', contextMark: 'summary' };
    return jsonOf<SendResult>(server.request('POST', `${path}/messages`, body));
  };
  const reasons = async () => (await contextOf()).messages.map(({ reason }) => reason);

  it('is made of all that is above it, and then sent in place of it, but not of what is pinned', async () => {
    await ask('one', 'uno');
    await ask('two', 'due');
    const [one] = await idsAt(0);
    await mark(one ?? '', 'pinned');
    const { message } = await summarise('Numbers.');
    expect(sentMessages().map(({ content }) => content)).toEqual(['one', 'uno', 'two', 'due', 'Summarise.']);
    expect(await reasons()).toEqual([
      'pinned',
      'summarised',
      'summarised',
      'summarised',
      'summary',
      'summary',
    ]);
    await server.request('POST', `${path}/messages/${message.id}/versions`, { content: 'Numbers, edited.' });
    await ask('three', 'tre');
    expect(sentMessages().map(({ content }) => content)).toEqual([
      'one\n\nSummarise.',
      'Numbers, edited.',
      'three',
    ]);
  });

  it('is undone and done again by its mark, and the originals stay', async () => {
    await ask('one', 'uno');
    await summarise('Number.');
    const [request] = await idsAt(2);
    const shortened = await reasons();
    await mark(request ?? '', null);
    expect(await reasons()).toEqual(['fits', 'fits', 'fits', 'fits']);
    await mark(request ?? '', 'summary');
    expect(await reasons()).toEqual(shortened);
    expect((await detailOf(server, path)).messages.map(({ content }) => content).slice(0, 2)).toEqual([
      'one',
      'uno',
    ]);
  });

  it('that failed, was stopped or is kept out stands for nothing', async () => {
    await ask('one', 'uno');
    server.simulator.nextScript('demo/quick', [{ delta: 'Half' }, { hold: 'never' }]);
    const stream = await send(server, path, { content: 'Summarise.', contextMark: 'summary' });
    await stream.until(isChunk);
    expect((await reasons()).slice(0, 2)).toEqual(['fits', 'fits']);
    await server.request('POST', `${path}/cancel`, {});
    await stream.rest();
    expect((await reasons()).slice(0, 2)).toEqual(['fits', 'fits']);
    const { message } = await summarise('Number.');
    expect((await reasons()).slice(0, 2)).toEqual(['summarised', 'summarised']);
    await mark(message.id, 'kept-out');
    expect((await reasons()).slice(0, 2)).toEqual(['fits', 'fits']);
  });

  it('is requested only by a message of the user', async () => {
    await ask('one', 'uno');
    const [answer] = await idsAt(1);
    expect((await failureOf(mark(answer ?? '', 'summary'))).status).toBe(400);
    const again = { regenerateOf: answer, contextMark: 'summary' };
    expect((await failureOf(server.request('POST', `${path}/messages`, again))).status).toBe(400);
  });
});

describe('the prediction', () => {
  it('is of another branch or model on request', async () => {
    await ask('one', 'uno');
    const [question] = await idsAt(0);
    const context = await contextOf(`?leafId=${question}&model=demo/echo`);
    expect(context.model).toBe('demo/echo');
    expect(context.messages.map(({ reason }) => reason)).toEqual(['answered']);
    expect((await failureOf(server.request('GET', `${path}/context?leafId=none`))).status).toBe(404);
  });

  it('of an empty chat has the instructions and what is written', async () => {
    await server.request('PATCH', `/api/projects/${project.id}`, { systemPrompt: 'Be brief.' });
    const empty = await contextOf();
    expect(empty).toMatchObject({ historyTokens: 0, messages: [], isTooLarge: false });
    await draft('A much longer question than nothing at all.');
    expect((await contextOf()).nextTokens).toBeGreaterThan(empty.nextTokens);
  });

  it('says that an answer is still being written', async () => {
    server.simulator.nextScript('demo/quick', [{ delta: 'Half' }, { hold: 'never' }]);
    const stream = await send(server, path, { content: 'Go on' });
    await stream.until(isChunk);
    expect((await contextOf()).messages.at(-1)).toMatchObject({ isIncluded: false, reason: 'being-written' });
    await server.request('POST', `${path}/cancel`, {});
    await stream.rest();
  });

  it('of a price is within 10 % of what the prompt costs, as soon as the model has answered once', async () => {
    const paragraph = (turn: number) =>
      `Write about number ${turn}: the quick brown fox, and what the lazy dog thinks of it. `.repeat(
        1 + turn * 3,
      );
    await ask(paragraph(1), paragraph(2));
    const { models } = await jsonOf<{ models: { id: string; promptUsdPerToken: number }[] }>(
      server.request('GET', '/api/models'),
    );
    const usdPerToken = models.find(({ id }) => id === 'demo/quick')?.promptUsdPerToken ?? 0;
    for (let turn = 2; turn < 8; turn += 1) {
      await draft(paragraph(turn));
      const { price } = await contextOf();
      const { message } = await ask(paragraph(turn), paragraph(turn));
      const costUsd = (message.usage?.promptTokens ?? 0) * usdPerToken;
      expect(costUsd).toBeGreaterThan(0);
      expect(Math.abs((price?.promptUsd ?? 0) / costUsd - 1)).toBeLessThan(0.1);
      expect(price?.historyUsd).toBeLessThan(price?.promptUsd ?? 0);
      expect(price?.answerUsd).toBeGreaterThan(0);
    }
  });
});

describe('a mark', () => {
  it('is in the message, published to other tabs, and removed again; the chat keeps its time', async () => {
    await ask('one', 'uno');
    const [question] = await idsAt(0);
    const before = await detailOf(server, path);
    const feed = await readFeed(await server.request('GET', '/api/events'));
    const told = feed.until(({ event }) => event?.type === 'messages-change');
    expect(await jsonOf(mark(question ?? '', 'pinned'))).toEqual({ messageId: question, mark: 'pinned' });
    await told;
    await feed.disconnect();
    const marked = await detailOf(server, path);
    expect(marked.messages[0]?.contextMark).toBe('pinned');
    expect(marked.chat).toEqual(before.chat);
    await mark(question ?? '', null);
    expect(await detailOf(server, path)).toEqual(before);
  });

  it('stays in a fork, and in an answer that the user edits', async () => {
    await ask('one', 'uno');
    const [question, answer] = await idsAt(0, 1);
    await mark(question ?? '', 'pinned');
    await mark(answer ?? '', 'kept-out');
    const edited = await jsonOf<Message>(
      server.request('POST', `${path}/messages/${answer}/versions`, { content: 'un' }),
    );
    expect(edited.contextMark).toBe('kept-out');
    const fork = await jsonOf<Chat>(server.request('POST', `${path}/fork`, {}));
    const { messages } = await detailOf(server, path.replace(/[^/]+$/, fork.id));
    expect(messages.map(({ contextMark }) => contextMark)).toEqual(['pinned', 'kept-out']);
  });

  it('is kept when its answer ends', async () => {
    server.simulator.nextScript('demo/quick', [{ delta: 'Half' }, { hold: 'never' }]);
    const stream = await send(server, path, { content: 'Go on' });
    await stream.until(isChunk);
    const [answer] = await idsAt(1);
    await mark(answer ?? '', 'pinned');
    await server.request('POST', `${path}/cancel`, {});
    await stream.rest();
    expect((await detailOf(server, path)).messages.at(-1)).toMatchObject({
      status: 'cancelled',
      contextMark: 'pinned',
    });
  });

  it.each([
    ['of a message that does not exist', 'none', 'pinned', 404],
    ['of an unknown kind', '', 'sometimes', 400],
  ])('%s is refused', async (_, id, value, status) => {
    await ask('one', 'uno');
    const [question] = await idsAt(0);
    expect((await failureOf(mark(id || (question ?? ''), value))).status).toBe(status);
  });
});
