/** Holds the contrast of the colours in tokens.css, in both themes. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

type Rgb = readonly [number, number, number];
type Theme = 'light' | 'dark';

const tokens = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');

/** The colour of a token over what lies behind it. */
function colourOf(name: string, theme: Theme, behind: Rgb = [0, 0, 0]): Rgb {
  const pair = tokens.match(
    new RegExp(`--${name}:\\s*light-dark\\(((?:#|rgb\\()[^,]+),\\s*((?:#|rgb\\().+)\\);`),
  );
  const value = pair?.[theme === 'light' ? 1 : 2] ?? '';
  const [, hex] = value.match(/^#([0-9a-f]{6})$/) ?? [];
  if (hex !== undefined)
    return [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as unknown as Rgb;
  const [, ...parts] = value.match(/^rgb\((\d+) (\d+) (\d+) \/ (\d+)%\)$/) ?? [];
  if (parts.length !== 4)
    throw new Error(`tokens.css has no colour "${name}" that is a pair of plain colours.`);
  const [red = 0, green = 0, blue = 0, percent = 0] = parts.map(Number);
  return [red, green, blue].map(
    (part, at) => (part * percent + (behind[at] ?? 0) * (100 - percent)) / 100,
  ) as unknown as Rgb;
}

function luminance(colour: Rgb): number {
  const [red = 0, green = 0, blue = 0] = colour
    .map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: Rgb, other: Rgb): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

const surfaces = ['sidebar', 'page', 'raised', 'bubble', 'code', 'tint'];
const textColours = ['text', 'muted', 'faint', 'accent', 'danger', 'warning', 'success'];
const codeColours = ['code-keyword', 'code-string', 'code-number', 'code-type', 'code-comment'];

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  const between = (one: string, other: string): number =>
    contrast(colourOf(one, theme), colourOf(other, theme));

  test.each([
    ...textColours.flatMap((colour) => surfaces.map((surface) => [colour, surface])),
    ...codeColours.map((colour) => [colour, 'code']),
    ['on-accent', 'accent'],
    ['on-danger', 'danger'],
  ] as [string, string][])('the text colour %s can be read on %s', (colour, surface) => {
    expect(between(colour, surface)).toBeGreaterThanOrEqual(4.5);
  });

  test.each(['sidebar', 'page', 'raised'])('words can be read on %s with the pointer on it', (surface) => {
    for (const state of ['hover', 'pressed']) {
      const shown = colourOf(state, theme, colourOf(surface, theme));
      for (const colour of ['text', 'muted'])
        expect(contrast(colourOf(colour, theme), shown)).toBeGreaterThanOrEqual(4.5);
    }
  });

  test.each(
    ['edge', 'accent'].flatMap((colour) => surfaces.map((surface) => [colour, surface])) as [
      string,
      string,
    ][],
  )('a control with the colour %s can be told from %s', (colour, surface) => {
    expect(between(colour, surface)).toBeGreaterThanOrEqual(3);
  });

  test.each([1, 2, 3, 4, 5])('part %i of a plot can be told from the page', (number) => {
    expect(between(`chart-${number}`, 'page')).toBeGreaterThanOrEqual(3);
  });

  test('a bubble can be told from the page, and the page from the sidebar', () => {
    for (const [one, other] of [
      ['sidebar', 'page'],
      ['page', 'bubble'],
    ] as const)
      expect(between(one, other)).toBeGreaterThanOrEqual(1.06);
  });
});

test('in the dark, what is nearer is lighter, in four steps that can be told apart', () => {
  const steps = ['sidebar', 'page', 'raised', 'bubble'].map((name) => luminance(colourOf(name, 'dark')));
  for (const [index, step] of steps.slice(1).entries())
    expect((step + 0.05) / ((steps[index] ?? 0) + 0.05)).toBeGreaterThanOrEqual(1.06);
});

test('no style sheet but tokens.css holds a colour of its own', () => {
  const sheets = import.meta.glob<string>(['../**/*.css', '!./tokens.css'], {
    query: '?raw',
    import: 'default',
    eager: true,
  });
  const own = Object.entries(sheets).flatMap(([path, sheet]) =>
    // A white page is what a printer has.
    path.endsWith('/print.css')
      ? []
      : [...sheet.matchAll(/#[0-9a-f]{3,8}\b(?=\s*[;,)])/gi)].map(([colour]) => `${path}: ${colour}`),
  );
  expect(Object.keys(sheets).length).toBeGreaterThan(8);
  expect(own).toEqual([]);
});
