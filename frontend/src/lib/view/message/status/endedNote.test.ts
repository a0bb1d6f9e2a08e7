import { errorTable } from '@rill/protocol';
import { expect, test } from 'vitest';
import { messageFixture } from '../messageFixtures.ts';
import { endedNote } from './endedNote.ts';

const words = (changes: Parameters<typeof messageFixture>[0]) =>
  endedNote(messageFixture(changes))?.words ?? null;

test('an answer that ended well has no note', () => {
  expect(words({})).toBeNull();
});

test('every other end has words', () => {
  expect(words({ status: 'cancelled', content: 'x'.repeat(1204) })).toBe('Stopped after 1,204 characters.');
  expect(words({ status: 'cancelled', content: '' })).toBe('Stopped before any text.');
  expect(words({ status: 'interrupted' })).toBe(
    'The server restarted while writing. The text so far is kept.',
  );
  expect(words({ finishReason: 'length' })).toBe('Reached the output limit.');
  expect(words({ finishReason: 'content_filter' })).toBe('The provider stopped this answer.');
  expect(words({ content: ' \n' })).toBe('The model answered with nothing.');
});

test("a failed answer says the error's sentence and keeps its code", () => {
  const message = errorTable.provider_unavailable.sentence;
  const error = { code: 'provider_unavailable', message, isRetryable: true } as const;
  expect(words({ status: 'failed', content: '', error })).toBe(message);
  expect(words({ status: 'failed', error })).toBe(`${message} The text so far is kept.`);
  expect(endedNote(messageFixture({ status: 'failed', error }))?.error).toBe(error);
});

test('an answer that this page could not read on claims no restart', () => {
  const error = { code: 'not_found', message: 'This does not exist.', isRetryable: false } as const;
  expect(words({ status: 'interrupted', error })).toBe('This does not exist. The text so far is kept.');
});
