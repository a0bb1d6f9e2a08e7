import { RillError } from '@rill/protocol';
import { describe, expect, it } from 'vitest';
import { present, settle, setUpChat, textsOf } from './chatStateTestBench.ts';
import { chunk, exampleMessage, runStart } from './chatTestBench.ts';

const question = exampleMessage({ id: 'u0', role: 'user', content: 'What are tides?' });
const answer = exampleMessage({ id: 'a0', role: 'assistant', parentId: 'u0', content: 'Long waves.' });

describe('a tab under which an older database is restored', () => {
  /** A tab that shows two turns; the second one is being written. */
  async function open() {
    const bench = setUpChat();
    bench.client.detail = { ...bench.client.detail, messages: [question, answer] };
    await bench.chat.load();
    void bench.chat.send('And why?');
    await settle();
    const stream = present(bench.client.streams[0]);
    stream.feed(runStart('And why?', { parentId: 'a0' }));
    stream.feed(chunk('Because'));
    await settle();
    bench.runFrame();
    expect(textsOf(bench.chat)).toEqual(['What are tides?', 'Long waves.', 'And why?', 'Because']);
    return { ...bench, stream };
  }

  it('shows what the server has, when its answer is not known there', async () => {
    const { chat, stream } = await open();
    stream.fail(new RillError('not_found'));
    await settle();
    expect(chat.isRunning).toBe(false);
    expect(textsOf(chat)).toEqual(['What are tides?', 'Long waves.']);
  });

  it('says that its chat does not exist, when the chat is not known there', async () => {
    const { chat, client, stream } = await open();
    client.getChat = async () => {
      throw new RillError('not_found');
    };
    stream.fail(new RillError('not_found'));
    await settle();
    expect(chat.loading).toBe('missing');
  });
});
