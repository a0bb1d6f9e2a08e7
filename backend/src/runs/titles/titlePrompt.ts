/** Turns a question and the start of its answer into a request for a title, and the model's response into a title. */
import { titleFromContent } from '@rill/protocol';
import type { ProviderMessage } from '../../llm/wire/openRouterRequest.ts';

const maxQuestionLength = 2000;
const maxAnswerLength = 600;
/** A model that writes more than this has answered the question instead. */
const maxWrittenLength = 200;

const task = [
  'You name conversations. Write a title for the conversation that begins with the message below.',
  'Write in the language of the message, at most six words, plain text: no quotation marks, no full stop, no formatting.',
  'Do not answer the message. Reply with the title alone.',
].join(' ');

export function titleRequest(question: string, answer: string): ProviderMessage[] {
  const parts = [
    `Message:\n${question.slice(0, maxQuestionLength)}`,
    `Beginning of the answer:\n${answer.slice(0, maxAnswerLength)}`,
  ];
  return [
    { role: 'system', content: task },
    { role: 'user', content: parts.join('\n\n') },
  ];
}

const label =
  /^(?:title|titel|titre|título|titolo|tytuł|заголовок|название|标题|標題|タイトル|제목|العنوان)\s*[:：]\s*/iu;
const refusal = /^(?:i['’]m sorry|i am sorry|sorry,|i can(?:no|['’])t|i'm unable|as an ai)/iu;
const openingMarks = /^[\s"'“”„«»‘’「『《（(*_#`-]+/u;
const closingMarks = /[\s"'“”„«»‘’」』》*_`.。．]+$/u;

/** Null if it is not a title: nothing, a refusal, a whole answer, or words in another script than the question's. */
export function readTitle(written: string, question: string): string | null {
  const line = written
    .split(/[\r\n]+/u)
    .map((each) => each.replace(openingMarks, '').replace(label, '').replace(openingMarks, ''))
    .find((each) => each.trim() !== '');
  if (line === undefined || line.length > maxWrittenLength || refusal.test(line)) return null;
  const title = titleFromContent(closeBracket(line.replace(closingMarks, '')));
  return title === '' || !isOfSameScript(title, question) ? null : title;
}

/** A bracket at the start encloses the whole title only if it is not closed inside. */
function closeBracket(line: string): string {
  return /[)）]$/u.test(line) && !/[(（]/u.test(line) ? line.slice(0, -1) : line;
}

const scripts = [
  ['Han', /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}]/gu],
  ['Hangul', /\p{scx=Hangul}/gu],
  ['Cyrillic', /\p{scx=Cyrl}/gu],
  ['Greek', /\p{scx=Grek}/gu],
  ['Arabic', /\p{scx=Arab}/gu],
  ['Hebrew', /\p{scx=Hebr}/gu],
  ['Devanagari', /\p{scx=Deva}/gu],
  ['Thai', /\p{scx=Thai}/gu],
  ['Latin', /\p{scx=Latn}/gu],
] as const;

/** Names and terms of other scripts are allowed, but some letters must be of the question's own script. */
function isOfSameScript(title: string, question: string): boolean {
  const own = mainScript(question.slice(0, maxQuestionLength));
  return own === null || title.match(own) !== null;
}

/** The script of most letters; Latin letters count less, since code and names are written in them everywhere. */
function mainScript(text: string): RegExp | null {
  const counts = scripts.map(([name, pattern]) => {
    const count = text.match(pattern)?.length ?? 0;
    return { pattern, weight: name === 'Latin' ? count / 8 : count };
  });
  const most = counts.reduce((best, each) => (each.weight > best.weight ? each : best));
  return most.weight >= 1 ? most.pattern : null;
}
