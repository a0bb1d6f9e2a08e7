import fc from 'fast-check';
import { expect, it } from 'vitest';
import { GrowingText } from './growingText.ts';

it('gives every part as one string would', () => {
  const pieces = fc.array(
    fc.oneof(
      fc.string(),
      fc.integer({ min: 0, max: 9000 }).map((length) => 'x'.repeat(length)),
    ),
  );
  fc.assert(
    fc.property(pieces, fc.nat(), fc.nat(), (texts, first, second) => {
      const growing = new GrowingText();
      for (const text of texts) growing.append(text);
      const whole = texts.join('');
      const [start, end] = [first % (whole.length + 1), second % (whole.length + 2)];
      expect(growing.length).toBe(whole.length);
      expect(growing.slice(start, end) === whole.slice(start, end)).toBe(true);
      expect(growing.toString() === whole).toBe(true);
    }),
  );
});

it('gives what was there also after it grew', () => {
  const growing = new GrowingText();
  for (let index = 0; index < 5000; index += 1) growing.append(`${index} `);
  const early = growing.slice(100, 20_000);
  for (let index = 0; index < 5000; index += 1) growing.append('more ');
  expect(growing.slice(100, 20_000)).toBe(early);
});
