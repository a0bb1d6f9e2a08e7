/** demo/quick: the short answer that suits a message best, or a title where the caller asks for one. */
import { type CompletionRequest, lastUserText } from '../completionRequest.ts';
import { pickByText } from './pickByText.ts';
import { quickAnswers } from './quickAnswers.ts';

const maxTitleWords = 6;

/** By keyword; otherwise by hash, so that a question asked twice gets the same answer. */
export function quickAnswer(request: CompletionRequest): string {
  const text = lastUserText(request);
  if (asksForTitle(request)) return titleOf(text);
  const matching = quickAnswers.filter((answer) => answer.keywords.test(text));
  return pickByText(text, matching.length > 0 ? matching : quickAnswers)?.text ?? '';
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
