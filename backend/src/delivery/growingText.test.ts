import fc from 'fast-check';
import { expect, it } from 'vitest';
import { GrowingText } from './growingText.ts';

it('any slice of a growing text equals that of one string', () => {
  const appended = fc.array(
    fc.oneof(
      fc.string(),
      fc.integer({ min: 0, max: 9000 }).map((length) => 'x'.repeat(length)),
    ),
  );
  fc.assert(
    fc.property(appended, fc.nat(), fc.nat(), (texts, first, second) => {
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

it('a slice of a growing text is the same after it has grown', () => {
  const growing = new GrowingText();
  for (let index = 0; index < 5000; index += 1) growing.append(`${index} `);
  const early = growing.slice(100, 20_000);
  for (let index = 0; index < 5000; index += 1) growing.append('more ');
  expect(growing.slice(100, 20_000)).toBe(early);
});
