import fc from 'fast-check';
import { estimateTokenCount } from 'tokenx';
import { expect, test } from 'vitest';
import { TokenMeter } from './tokenMeter.ts';

test('a text in parts has the estimate of the whole text', () => {
  const words = fc.constantFrom(
    'word',
    'longer-word',
    'Straße',
    '12,345',
    '\n',
    '\n\n',
    '- item',
    '`code()`',
    ',',
  );
  fc.assert(
    fc.property(
      fc.array(words, { maxLength: 40 }),
      fc.integer({ min: 1, max: 9 }),
      (parts, sizeCharacters) => {
        const text = parts.join(' ');
        const meter = new TokenMeter();
        let estimate = 0;
        for (let end = 0; end < text.length + sizeCharacters; end += sizeCharacters) {
          estimate = meter.estimate(text.slice(0, end));
        }
        expect(estimate).toBe(estimateTokenCount(text));
      },
    ),
  );
});

test('text without spaces is counted too', () => {
  const text = '流'.repeat(10_000);
  const meter = new TokenMeter();
  for (let end = 100; end <= text.length; end += 100) meter.estimate(text.slice(0, end));
  expect(meter.estimate(text)).toBeGreaterThan(estimateTokenCount(text) * 0.95);
});

test('another, shorter text starts again', () => {
  const meter = new TokenMeter();
  meter.estimate('a long text that is gone');
  expect(meter.estimate('short')).toBe(estimateTokenCount('short'));
});
