import { afterEach, describe, expect, it } from 'vitest';
import { ReadingThread } from './readingThread.ts';

const threads: ReadingThread[] = [];
const openThread = (memoryMib?: number) => {
  const thread = new ReadingThread(memoryMib);
  threads.push(thread);
  return thread;
};
afterEach(async () => {
  for (const thread of threads.splice(0)) await thread.close();
});

const itemOf = (text: string) => [Buffer.from(text)];
const bytesOf = (value: unknown) => itemOf(JSON.stringify(value));
const message = { author: { role: 'user' }, content: { content_type: 'text', parts: ['Hello'] } };
const conversation = { id: 'c1', title: 'A', mapping: { q: { message, parent: null } } };

describe('a thread that reads conversations', () => {
  it('returns each in order, and the reason for each that cannot be read', async () => {
    const thread = openThread();
    const readings = await Promise.all(
      [bytesOf(conversation), itemOf('{"mapping":'), bytesOf({ id: 'user' })].map((bytes) =>
        thread.read(bytes, 1),
      ),
    );
    expect(readings).toEqual([
      expect.objectContaining({ product: 'chatgpt', title: 'A', notes: [] }),
      { problem: 'It is not valid JSON.' },
      { problem: 'It is no conversation that Rill knows.' },
    ]);
  });

  it('recognises a product, also around deep JSON, and nothing in what is no JSON or in a prototype', async () => {
    const thread = openThread();
    const deep = itemOf(`{"mapping":${'['.repeat(100_000)}${']'.repeat(100_000)}}`);
    const given = [bytesOf(conversation), itemOf('{"mapping'), itemOf('{"__proto__":{"mapping":{}}}')];
    const found = await Promise.all([...given, deep].map((bytes) => thread.recognise(bytes)));
    expect(found).toEqual(['chatgpt', null, null, 'chatgpt']);
  });

  it('counts messages', async () => {
    const thread = openThread();
    const counts = await Promise.all(
      [bytesOf(conversation), itemOf('{')].map((bytes) => thread.countMessages(bytes)),
    );
    expect(counts).toEqual([1, 0]);
  });

  it('gives up an item that needs more memory than it has, and reads the items after it', async () => {
    const thread = openThread(16);
    const giant = itemOf(`{"mapping":[${'{},'.repeat(1_000_000)}{}]}`);
    const readings = await Promise.all([giant, bytesOf(conversation)].map((bytes) => thread.read(bytes, 1)));
    expect(readings).toEqual([{ problem: 'It is too large.' }, expect.objectContaining({ title: 'A' })]);
  });
});
