import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../startSimulator.ts';
import { complete, completeRaw, firstChoice, readChunks, readDeltas } from '../testClient.ts';
import { createFlakyAnswers } from './flakyAnswers.ts';
import { loadDemoTexts } from './loadDemoTexts.ts';

const { almanac, quick, thoughts } = await loadDemoTexts();
let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ tokensPerSecond: 0 });
});
afterAll(() => simulator.close());

async function ask(
  model: string,
  content: string,
  body: Record<string, number | string> = {},
): Promise<string> {
  const response = await complete(simulator.url, { model, messages: [{ role: 'user', content }], ...body });
  return response.text();
}

describe('demo/quick', () => {
  it('gives a relevant answer, and the same one for the same question', async () => {
    const [first, second] = [
      await ask('demo/quick', 'A soup recipe, please'),
      await ask('demo/quick', 'A soup recipe, please'),
    ];
    expect(readDeltas(first).join('')).toContain('chickpea');
    expect(readDeltas(second)).toEqual(readDeltas(first));
  });

  it('has an answer for every kind of question, each with its own text', () => {
    expect(quick).toHaveLength(11);
    expect(new Set(quick.map(({ text }) => text)).size).toBe(quick.length);
    expect(quick.filter(({ text }) => text === '' || text.includes('<!--'))).toEqual([]);
  });

  it('gives a short title where the system message requests one', async () => {
    const messages = [
      { role: 'system', content: 'Write a title for this conversation.' },
      { role: 'user', content: 'how do tides work in the north sea and elsewhere?' },
    ];
    const answer = await (
      await complete(simulator.url, { model: 'demo/quick', messages, stream: false })
    ).json();
    expect(answer.choices[0].message.content).toBe('How do tides work in the');
  });

  it('stops at max_tokens with the reason length', async () => {
    const text = await ask('demo/quick', 'hello', { max_tokens: 7 });
    expect(readDeltas(text)).toHaveLength(7);
    expect(readChunks(text).at(-1)).toMatchObject({
      choices: [{ finish_reason: 'length' }],
      usage: { completion_tokens: 7 },
    });
  });
});

describe('an answer that was stopped', () => {
  const question = 'A soup recipe, please';
  const cut = (whole: string) => whole.slice(0, whole.length / 2);
  const answerTo = async (...texts: string[]) => {
    const messages = texts.map((content, index) => ({ role: index % 2 ? 'assistant' : 'user', content }));
    return readDeltas(await (await complete(simulator.url, { model: 'demo/quick', messages })).text()).join(
      '',
    );
  };

  it.each(['Your last answer was cut off before its end.', 'Continue', 'please continue'])(
    'is continued where the request says so: %s',
    async (request) => {
      const whole = await answerTo(question);
      expect(cut(whole) + (await answerTo(question, cut(whole), request))).toBe(whole);
    },
  );

  it.each([question, 'How does a chat continue after a crash?'])(
    'is not continued by another question, and not by the same one: %s',
    async (next) => {
      const whole = await answerTo(question);
      expect(await answerTo(question, cut(whole), next)).toBe(await answerTo(next));
    },
  );
});

describe('demo/painter', () => {
  const pictureFor = async (message: string): Promise<string> => {
    const urls = (await ask('demo/painter', message)).match(/(?<="url":")data:[^"]+/g) ?? [];
    expect(urls).toHaveLength(1);
    return urls[0] ?? '';
  };

  it('draws the same PNG for the same message, and another for another', async () => {
    const picture = await pictureFor('Two moons');
    expect(picture).toMatch(/^data:image\/png;base64,iVBORw0KGgo/);
    expect(await pictureFor('Two moons')).toBe(picture);
    expect(await pictureFor('One sun')).not.toBe(picture);
  });
});

describe('demo/long', () => {
  it('has at least 20,000 words', () => {
    const words = almanac.split(/\s+/u).filter((run) => /[\p{L}\p{N}]/u.test(run));
    expect(words.length).toBeGreaterThanOrEqual(20_000);
  });

  it.each([
    ['headings of three levels', /^# .+[\s\S]*^## .+[\s\S]*^### .+/m],
    ['nested lists', /^[-*] .+\n {2}[-*] .+/m],
    ['lists nested twice', /^ {4}\* .+/m],
    ['numbered lists', /^1\. .+\n2\. /m],
    ['task lists', /^- \[x\] .+\n- \[/m],
    ['tables', /^\|:?---/m],
    ['quotes', /^> /m],
    ['display maths', /^\$\$\n[\s\S]+?\n\$\$$/m],
    ['inline maths', /[^$]\$[^$\n]+\$[^$]/],
    ['links', /\[[^\]]+\]\(https:\/\//],
    ['strikethrough', /~~\w+~~/],
    ['rules', /^---$/m],
    ['emoji', /\p{Emoji_Presentation}/u],
    ['joined emoji', /\u200d/],
    ['Chinese or Japanese', /\p{Script=Han}{3}/u],
    ['Arabic', /\p{Script=Arabic}{3}/u],
    ['Hebrew', /\p{Script=Hebrew}{3}/u],
  ])('contains %s', (_what, pattern) => {
    expect(almanac).toMatch(pattern);
  });

  it('has code in ten languages', () => {
    const languages = Array.from(almanac.matchAll(/^```(\w+)$/gm), ([, language]) => language);
    expect(new Set(languages).size).toBeGreaterThanOrEqual(10);
  });

  it('repeats no page', () => {
    const pages = almanac.split(/^(?=###? )/m);
    expect(new Set(pages).size).toBe(pages.length);
  });

  it('arrives complete', async () => {
    expect(readDeltas(await ask('demo/long', 'Write')).join('')).toBe(almanac);
  });
});

describe('demo/thinker', () => {
  it('has both reasoning and an answer in every prepared text', () => {
    expect(thoughts.map(({ reasoning, text }) => [reasoning !== '', text !== ''])).toEqual([
      [true, true],
      [true, true],
    ]);
  });

  it('reasons first, then answers', async () => {
    const chunks = readChunks(await ask('demo/thinker', 'What are the odds with three doors?'));
    const kinds = chunks
      .map((chunk) => (JSON.stringify(firstChoice(chunk).delta).includes('reasoning') ? 'r' : 'c'))
      .join('');
    expect(kinds).toMatch(/^r{100,}c{100,}$/);
    expect(chunks.at(-1)).toMatchObject({
      usage: { completion_tokens_details: { reasoning_tokens: expect.any(Number) } },
    });
  });
});

describe('demo/flaky', () => {
  it.each([
    ['give me a 429', 429],
    ['a 502 please', 502],
    ['some html', 502],
    ['a 503', 503],
    ['402', 402],
  ])('"%s" fails with status %i', async (content, status) => {
    const messages = [{ role: 'user', content }];
    expect((await complete(simulator.url, { model: 'demo/flaky', messages })).status).toBe(status);
  });

  it.each([
    ['fail mid-stream', /"error":\{"code":502/],
    ['empty', /network_error/],
    ['filter this', /content_filter.*refusal/s],
    ['length', /MAX_TOKENS/],
    ['garbage', /data: \{"id":"gen-broken\n\n/],
  ])('"%s" fails on the stream', async (content, pattern) => {
    expect(await ask('demo/flaky', content)).toMatch(pattern);
  });

  it('"cut" ends without finish reason or [DONE]', async () => {
    const text = await ask('demo/flaky', 'cut');
    expect(text).not.toContain('[DONE]');
    expect(readChunks(text).every((chunk) => firstChoice(chunk).finish_reason === null)).toBe(true);
  });

  it('cycles through the failures when the message names none, and succeeds the second time with "once"', async () => {
    const first = await completeRaw(simulator.url, 'demo/flaky');
    const second = await completeRaw(simulator.url, 'demo/flaky');
    expect([first.status, second.status]).toEqual([429, 200]);
    expect(await ask('demo/flaky', 'cut once')).not.toContain('[DONE]');
    expect(await ask('demo/flaky', 'cut once')).toContain('[DONE]');
  });

  it('remembers only the last hundred messages with "once"', () => {
    const answer = createFlakyAnswers();
    const failure = answer('cut once 0');
    for (let number = 1; number <= 100; number += 1) answer(`cut once ${number}`);
    expect(answer('cut once 0')).toEqual(failure);
    expect(answer('cut once 100')).not.toEqual(failure);
  });
});

describe('demo/echo and demo/slow-start', () => {
  it('echo repeats the message', async () => {
    const message = 'Grüße,  世界 👩‍🚀!\nSecond line ';
    expect(readDeltas(await ask('demo/echo', message)).join('')).toBe(message);
  });

  it('slow-start sends only comments before its first text', async () => {
    const client = new AbortController();
    const response = await complete(simulator.url, { model: 'demo/slow-start' }, { signal: client.signal });
    const first = await response.body?.getReader().read();
    client.abort();
    expect(new TextDecoder().decode(first?.value)).toBe(': OPENROUTER PROCESSING\n\n');
  });
});
