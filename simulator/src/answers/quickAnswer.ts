/** demo/quick: gives the short answer that fits a message best, or a title when the caller asks for one. */
import { type CompletionRequest, lastUserText } from '../wire/completionRequest.ts';
import type { KeyedText } from './loadDemoTexts.ts';
import { pickByText } from './pickByText.ts';

const maxTitleWords = 6;

/** Chooses by keyword, otherwise by hash, so that a repeated question gets the same answer. */
export function quickAnswer(request: CompletionRequest, answers: readonly KeyedText[]): string {
  const text = lastUserText(request);
  if (asksForTitle(request)) return titleOf(text);
  const matching = answers.filter((answer) => answer.keywords.test(text));
  return pickByText(text, matching.length > 0 ? matching : answers)?.text ?? '';
}

function asksForTitle(request: CompletionRequest): boolean {
  return request.messages.some(
    ({ role, text }) => (role === 'system' || role === 'developer') && /\btitle\b/i.test(text),
  );
}

function titleOf(text: string): string {
  const words = text.replace(/[#*_`>[\](){}]/g, ' ').match(/[\p{L}\p{N}][\p{L}\p{N}'’-]*/gu) ?? [];
  const title = words.slice(0, maxTitleWords).join(' ');
  return title === '' ? 'A quiet beginning' : title.charAt(0).toUpperCase() + title.slice(1);
}
