import type { Message, Usage } from '@rill/protocol';
import { describe, expect, it } from 'vitest';
import { exampleMessage } from '../chatTestBench.ts';
import { joinAnswers } from './joinAnswers.ts';

const answer = (id: string, change: Partial<Message> = {}) =>
  exampleMessage({ id, role: 'assistant', ...change });
const usage = (costUsd: number | null, estimated = false): Usage => ({
  promptTokens: 10,
  completionTokens: 2,
  reasoningTokens: null,
  cachedTokens: 1,
  costUsd,
  estimated,
});

describe('the parts of one answer', () => {
  it('are one text, with the id and the end of the last part', () => {
    const first = answer('a1', { content: 'The river ru', status: 'cancelled', reasoning: 'why' });
    const last = answer('a2', { content: 'ns.', finishReason: 'stop', reasoning: 'how' });
    expect(joinAnswers([first], last)).toMatchObject({
      id: 'a2',
      status: 'completed',
      finishReason: 'stop',
      content: 'The river runs.',
      reasoning: 'why\n\nhow',
    });
  });

  it('keep what each has besides text', () => {
    const first = answer('a1', { annotations: [{ url: 'https://a.example', title: 'A' }], refusal: 'No.' });
    const last = answer('a2', { images: [{ url: 'https://a.example/i.png' }] });
    expect(joinAnswers([first], last)).toMatchObject({
      annotations: first.annotations,
      images: last.images,
      refusal: 'No.',
      reasoning: '',
    });
  });

  it('cost what they cost together, estimated when one of them is or is not known', () => {
    const parts = (...usages: (Usage | null)[]) =>
      usages.map((each, index) => answer(`a${index}`, { usage: each }));
    const joined = (...usages: (Usage | null)[]) => {
      const all = parts(...usages);
      const last = all.pop();
      return last && joinAnswers(all, last).usage;
    };
    expect(joined(usage(0.25), usage(0.5))).toEqual({
      promptTokens: 20,
      completionTokens: 4,
      reasoningTokens: null,
      cachedTokens: 2,
      costUsd: 0.75,
      estimated: false,
    });
    expect(joined(usage(0.25, true), usage(0.5))?.estimated).toBe(true);
    expect(joined(null, usage(0.5))).toMatchObject({ costUsd: 0.5, estimated: true });
    expect(joined(null, null)).toBeNull();
  });

  it('say nothing of their usage while the last part is being written', () => {
    const first = answer('a1', { usage: usage(0.25) });
    expect(joinAnswers([first], answer('a2', { status: 'streaming' })).usage).toBeNull();
  });

  it('are the message itself when there is one', () => {
    const only = answer('a1', { content: 'Whole.' });
    expect(joinAnswers([], only)).toBe(only);
  });
});
