import { blankMessage, type Message, RillError } from '@rill/protocol';
import { describe, expect, it } from 'vitest';
import { buildContext } from './buildContext.ts';

function message(role: 'user' | 'assistant', content: string): Message {
  return {
    ...blankMessage(),
    id: `m-${content.length}-${role}`,
    chatId: 'c',
    parentId: null,
    role,
    status: 'completed',
    content,
    runId: null,
    model: null,
    createdAtMs: 0,
  };
}

const words = (count: number) => Array.from({ length: count }, (_, index) => `word${index}`).join(' ');

describe('buildContext', () => {
  it('puts the system prompt first and keeps the order of the branch', () => {
    const context = buildContext({
      systemPrompt: 'Be brief.',
      branch: [message('user', 'one'), message('assistant', 'two'), message('user', 'three')],
      contextLengthTokens: null,
      maxTokens: 100,
    });
    expect(context.messages.map((each) => each.content)).toEqual(['Be brief.', 'one', 'two', 'three']);
    expect(context.report).toMatchObject({ messageCount: 3, omittedMessageCount: 0 });
  });

  it.each([
    ['an answer that failed at once', ['user one', 'assistant ', 'user two'], ['user one\n\ntwo']],
    ['an answer of blanks alone', ['user one', 'assistant  \n\t', 'user two'], ['user one\n\ntwo']],
    ['a blank message', ['user  ', 'user two'], ['user two']],
    ['an answer to nothing', ['user  ', 'assistant hello', 'user two'], ['user two']],
    ['three in a row', ['user one', 'user two', 'assistant ', 'user three'], ['user one\n\ntwo\n\nthree']],
    [
      'an answer that was stopped before a word',
      ['user one', 'assistant two', 'user three', 'assistant ', 'user four'],
      ['user one', 'assistant two', 'user three\n\nfour'],
    ],
  ])('sends no blank turn and alternates the roles: %s', (_, branch, expected) => {
    const context = buildContext({
      systemPrompt: ' ',
      branch: branch.map((each) => {
        const at = each.indexOf(' ');
        return message(each.slice(0, at) === 'user' ? 'user' : 'assistant', each.slice(at + 1));
      }),
      contextLengthTokens: 10_000,
      maxTokens: 100,
    });
    expect(context.messages.map(({ role, content }) => `${role} ${content}`)).toEqual(expected);
  });

  it.each([
    [8192, 16_384],
    [2048, 16_384],
    [512, 1000],
    [131_072, 16_384],
  ])(
    'asks a model of %s tokens for an answer that fits together with the prompt',
    (contextLengthTokens, maxTokens) => {
      const { answerTokens, report } = buildContext({
        systemPrompt: 'Be brief.',
        branch: [message('user', words(20))],
        contextLengthTokens,
        maxTokens,
      });
      expect(answerTokens).toBeLessThanOrEqual(maxTokens);
      expect(answerTokens + report.estimatedTokens * 1.25).toBeLessThanOrEqual(contextLengthTokens);
      expect(answerTokens).toBeGreaterThan(Math.min(maxTokens, contextLengthTokens / 2) * 0.9);
    },
  );

  it('keeps the answer limit when the context of the model is unknown', () => {
    const { answerTokens } = buildContext({
      systemPrompt: null,
      branch: [message('user', 'Hi')],
      contextLengthTokens: null,
      maxTokens: 16_384,
    });
    expect(answerTokens).toBe(16_384);
  });

  it('leaves out the oldest turns first and reports how many', () => {
    const context = buildContext({
      systemPrompt: 'Be brief.',
      branch: [message('user', words(1500)), message('assistant', 'short'), message('user', 'newest')],
      contextLengthTokens: 1000,
      maxTokens: 100,
    });
    expect(context.messages.at(-1)?.content).toBe('newest');
    expect(context.messages[0]?.content).toBe('Be brief.');
    expect(context.messages.map((each) => each.role)).toEqual(['system', 'user']);
    expect(context.report.omittedMessageCount).toBe(2);
    expect(context.report.estimatedTokens).toBeLessThanOrEqual(900);
  });

  it('refuses a newest message that does not fit alone', () => {
    const build = () =>
      buildContext({
        systemPrompt: null,
        branch: [message('user', words(2000))],
        contextLengthTokens: 1000,
        maxTokens: 100,
      });
    expect(build).toThrow(RillError);
    expect(build).toThrow('longer than the model can read');
  });

  it('joins the parts of one answer, so that the roles alternate', () => {
    const context = buildContext({
      systemPrompt: null,
      branch: [
        message('user', 'one'),
        message('assistant', 'two'),
        message('assistant', ' three'),
        message('user', 'four'),
      ],
      contextLengthTokens: null,
      maxTokens: 100,
    });
    expect(context.messages).toEqual([
      { role: 'user', content: 'one' },
      { role: 'assistant', content: 'two three' },
      { role: 'user', content: 'four' },
    ]);
  });

  it('asks to continue when the branch ends with an answer, and keeps the question before it', () => {
    const context = buildContext({
      systemPrompt: null,
      branch: [
        message('user', words(300)),
        message('assistant', 'early'),
        message('user', 'question'),
        message('assistant', 'half an ans'),
      ],
      contextLengthTokens: 400,
      maxTokens: 100,
    });
    expect(context.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
    expect(context.messages.map(({ content }) => content).slice(0, 2)).toEqual(['question', 'half an ans']);
  });

  it('refuses to continue an answer that does not fit', () => {
    const build = () =>
      buildContext({
        systemPrompt: null,
        branch: [message('user', 'question'), message('assistant', words(2000))],
        contextLengthTokens: 1000,
        maxTokens: 100,
      });
    expect(build).toThrow('longer than the model can read');
  });

  const marked = (text: string, contextMark: 'pinned' | 'kept-out') => {
    const at = text.indexOf(' ');
    const role = text.slice(0, at) === 'user' ? ('user' as const) : ('assistant' as const);
    return { ...message(role, text.slice(at + 1)), contextMark };
  };
  const plain = (text: string) => {
    const { contextMark: _, ...unmarked } = marked(text, 'pinned');
    return unmarked;
  };

  it.each([
    [
      'a question that is kept out, and its answer not',
      [
        plain('user one'),
        plain('assistant two'),
        marked('user three', 'kept-out'),
        plain('assistant four'),
        plain('user five'),
      ],
      ['user one', 'assistant two\n\nfour', 'user five'],
    ],
    [
      'a first question that is kept out takes its answer with it, because no request begins with an answer',
      [marked('user one', 'kept-out'), plain('assistant two'), plain('user three')],
      ['user three'],
    ],
    [
      'so it is when the answer is pinned',
      [marked('user one', 'kept-out'), marked('assistant two', 'pinned'), plain('user three')],
      ['user three'],
    ],
    [
      'the message to answer, though it is kept out',
      [plain('user one'), plain('assistant two'), marked('user three', 'kept-out')],
      ['user one', 'assistant two', 'user three'],
    ],
    [
      'half an answer that is kept out',
      [
        plain('user one'),
        plain('assistant two'),
        marked('assistant  and a half', 'kept-out'),
        plain('user three'),
      ],
      ['user one', 'assistant two', 'user three'],
    ],
    [
      'an answer to continue, though its question is kept out',
      [plain('user one'), plain('assistant two'), marked('user three', 'kept-out'), plain('assistant fo')],
      ['user one', 'assistant two', 'user three', 'assistant fo', 'user Your last answer'],
    ],
  ])('follows the marks: %s', (_, branch, expected) => {
    const { messages } = buildContext({
      systemPrompt: null,
      branch,
      contextLengthTokens: 10_000,
      maxTokens: 100,
    });
    expect(
      messages.map(({ role, content }) => `${role} ${content}`.slice(0, 30).replace(/ was.*/, '')),
    ).toEqual(expected);
  });

  it('sends what is pinned, with its question, before newer turns', () => {
    const { messages, report } = buildContext({
      systemPrompt: null,
      branch: [
        plain('user pin'),
        marked(`assistant ${words(300)}`, 'pinned'),
        plain(`user ${words(300)}`),
        plain('assistant middle'),
        plain('user newest'),
      ],
      contextLengthTokens: 700,
      maxTokens: 100,
    });
    expect(messages.map(({ content }) => content.slice(0, 6))).toEqual(['pin', 'word0 ', 'newest']);
    expect(report.omittedMessageCount).toBe(2);
  });

  /** What is sent at each turn of a chat that grows by a question and an answer. */
  function promptsOf(turnCount: number, contextLengthTokens: number) {
    const branch: Message[] = [];
    return Array.from({ length: turnCount }, (_, turn) => {
      branch.push(message('user', `${turn}: ${words(60)}`));
      const { messages, report } = buildContext({
        systemPrompt: 'Be brief.',
        branch,
        contextLengthTokens,
        maxTokens: 500,
      });
      branch.push(message('assistant', `${turn}. ${words(200)}`));
      return { messages: messages.map((each) => JSON.stringify(each)), report };
    });
  }

  it('sends the earlier turns unchanged, byte for byte, followed by the new turn', () => {
    const prompts = promptsOf(20, 1_000_000);
    for (const [index, { messages }] of prompts.slice(1).entries()) {
      const before = prompts[index]?.messages ?? [];
      expect(messages.slice(0, before.length)).toEqual(before);
    }
  });

  it('leaves out the oldest turns in steps, so that most prompts begin like the one before', () => {
    const prompts = promptsOf(60, 10_000);
    expect(prompts.at(-1)?.report.omittedMessageCount).toBeGreaterThan(50);
    const cutAt = prompts.findIndex(({ report }) => report.omittedMessageCount > 0);
    const starts = prompts.slice(cutAt).map(({ messages }) => messages[1]);
    const moves = starts.filter((start, index) => index > 0 && start !== starts[index - 1]).length;
    expect(moves).toBeLessThan(starts.length / 4);
    for (const { report } of prompts.slice(cutAt)) {
      // What fits is 0.9 of 9,500 tokens; a step is 0.3 of that.
      expect(report.estimatedTokens).toBeGreaterThan(8550 * 0.6);
      expect(report.estimatedTokens).toBeLessThanOrEqual(8550);
    }
  });
});
