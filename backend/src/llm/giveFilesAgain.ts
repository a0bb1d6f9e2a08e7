/**
 * Sends the model the PDFs of an unanswered message together with what a service already read in them. Services accept
 * that only with an answer: so the files come first, with an answer to them, then the rest of the message.
 */
import type { JsonObject } from '@rill/protocol';
import { isPdf } from './wire/contentParts.ts';
import type { ProviderMessage } from './wire/openRouterRequest.ts';

/** Returns the messages with the PDFs of the last one given first. A message without text stays as it is. */
export function giveFilesAgain(
  messages: readonly ProviderMessage[],
  annotations: readonly JsonObject[],
): ProviderMessage[] {
  const last = messages.at(-1);
  if (last?.role !== 'user' || last.content.trim() === '' || annotations.length === 0) return [...messages];
  const { filesBefore = [], files = [], ...text } = last;
  const isOther = (file: (typeof files)[number]) => !isPdf(file);
  const pdfs = [...filesBefore, ...files].filter(isPdf);
  return [
    ...messages.slice(0, -1),
    { role: 'user', content: 'Read this first.', files: pdfs },
    { role: 'assistant', content: 'I have read it.', annotations },
    { ...text, filesBefore: filesBefore.filter(isOther), files: files.filter(isOther) },
  ];
}
