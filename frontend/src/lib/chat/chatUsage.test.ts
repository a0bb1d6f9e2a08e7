import type { ChatDetail, Usage } from '@rill/protocol';
import { describe, expect, it } from 'vitest';
import { type ChatBench, present, settle, setUpChat } from './chatStateTestBench.ts';
import { chunk, done, exampleChat, exampleMessage, exampleRun, runStart } from './chatTestBench.ts';
import { shownMessage } from './transcript/transcript.ts';

const estimate: Usage = {
  promptTokens: 20,
  completionTokens: 1,
  reasoningTokens: 0,
  cachedTokens: null,
  costUsd: 0.5,
  estimated: true,
};
const figures: Usage = { ...estimate, completionTokens: 3, costUsd: 0.25, estimated: false };

const question = exampleMessage({ id: 'u1', role: 'user', content: 'Why?' });
const answer = exampleMessage({
  id: 'a1',
  role: 'assistant',
  parentId: 'u1',
  status: 'cancelled',
  content: 'Be',
  usage: estimate,
});

describe('usage that the provider reports late', () => {
  /** A chat whose answer was cancelled while this page watched. */
  async function cancelHere(): Promise<ChatBench> {
    const bench = setUpChat();
    await bench.chat.load();
    void bench.chat.send('Why?');
    await settle();
    const stream = present(bench.client.streams[0]);
    stream.feed(runStart('Why?'));
    stream.feed(chunk('Be'));
    stream.feed(done('Be', { status: 'cancelled', usage: estimate }));
    await settle();
    return bench;
  }
  const shownUsage = ({ chat }: ChatBench) => {
    return shownMessage(present(chat.items.at(-1))).usage;
  };

  it('replaces the estimate, in the answer and in the cost of the chat', async () => {
    const bench = await cancelHere();
    const [item] = bench.chat.items.slice(-1);
    expect([shownUsage(bench), bench.chat.cost]).toEqual([estimate, { costUsd: 0.5, isEstimated: true }]);
    bench.chat.takeUsage('a1', figures);
    expect([shownUsage(bench), bench.chat.cost]).toEqual([figures, { costUsd: 0.25, isEstimated: false }]);
    expect(bench.chat.messages.at(-1)).toMatchObject({ status: 'cancelled', content: 'Be' });
    expect(bench.chat.items.at(-1)).toMatchObject({ key: item?.key });
  });

  it('does so in an answer that was read, not watched', async () => {
    const bench = setUpChat();
    bench.client.detail = { ...bench.client.detail, messages: [question, answer] };
    await bench.chat.load();
    bench.chat.takeUsage('a1', figures);
    expect(shownUsage(bench)).toEqual(figures);
  });

  it('is kept when the end of the answer arrives after it', async () => {
    const bench = setUpChat();
    await bench.chat.load();
    void bench.chat.send('Why?');
    await settle();
    const stream = present(bench.client.streams[0]);
    stream.feed(runStart('Why?'));
    bench.chat.takeUsage('a1', figures);
    stream.feed(done('Be', { status: 'cancelled', usage: estimate }));
    await settle();
    expect([shownUsage(bench), bench.chat.messages.at(-1)?.usage]).toEqual([figures, figures]);
  });

  it('is not lost to an answer of the server that does not know it yet', async () => {
    const reads: ((detail: ChatDetail) => void)[] = [];
    const bench = setUpChat({ getChat: () => new Promise((resolve) => reads.push(resolve)) });
    const detail = (usage: Usage): ChatDetail => ({
      chat: exampleChat,
      messages: [question, { ...answer, usage }],
      siblings: {},
      activeRun: null,
    });
    const loaded = bench.chat.load();
    bench.chat.takeUsage('a1', figures);
    present(reads[0])(detail(estimate));
    await settle();
    expect(bench.chat.messages).toEqual([]);
    present(reads[1])(detail(figures));
    await loaded;
    expect(shownUsage(bench)).toEqual(figures);
  });

  it('is never followed by an older estimate', async () => {
    const bench = await cancelHere();
    bench.chat.takeUsage('a1', figures);
    bench.chat.takeUsage('a1', estimate);
    expect(shownUsage(bench)).toEqual(figures);
  });

  it('of an answer that is not shown changes nothing', async () => {
    const bench = await cancelHere();
    const { messages } = bench.chat;
    bench.chat.takeUsage('elsewhere', figures);
    expect(bench.chat.messages).toBe(messages);
  });

  it('stays spent when an answer is written again, and when another branch is shown', async () => {
    const bench = setUpChat();
    const paid = { ...answer, status: 'completed' as const, usage: figures };
    bench.client.detail = { ...bench.client.detail, messages: [question, paid] };
    await bench.chat.load();
    const stream = await retryFirst(bench);
    expect(bench.chat.cost?.costUsd).toBe(0.25);
    stream.feed(done('Because.', { id: 'a2', parentId: 'u1', usage: estimate }));
    await settle();
    expect(bench.chat.cost).toEqual({ costUsd: 0.75, isEstimated: true });
    expect(bench.chat.branchCost).toEqual({ costUsd: 0.5, isEstimated: true });
    bench.client.detail = {
      ...bench.client.detail,
      messages: [question, paid],
      otherUsages: { a2: estimate },
    };
    await bench.chat.load();
    expect([bench.chat.cost?.costUsd, bench.chat.branchCost?.costUsd]).toEqual([0.75, 0.25]);
    bench.chat.takeUsage('a2', figures);
    expect(bench.chat.cost).toEqual({ costUsd: 0.5, isEstimated: false });
  });

  /** The answer a1 is being written again as a2. */
  async function retryFirst({ chat, client }: ChatBench) {
    void chat.retry('a1');
    await settle();
    const message = exampleMessage({ id: 'a2', role: 'assistant', parentId: 'u1', status: 'streaming' });
    const stream = present(client.streams[0]);
    stream.feed({ type: 'run-start', data: { run: exampleRun, userMessage: null, message } });
    await settle();
    return stream;
  }
});
