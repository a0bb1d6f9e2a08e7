import { expect, test } from 'vitest';
import { fuzz } from '../../../test/fuzzDocuments.ts';

/** Time limit of tests that work hard; a busy machine needs more than usual. */
const slowMs = 240_000;

test('50,000 random documents in random slices equal one parse, before any repair', {
  timeout: slowMs,
}, () => {
  expect(fuzz(2026, 50_000)).toEqual([]);
});
