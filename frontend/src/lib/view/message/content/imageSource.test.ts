import { expect, test } from 'vitest';
import { imageSource } from './imageSource.ts';

test('raster data is drawn, everything else is not', () => {
  expect(imageSource('data:image/png;base64,iVBORw0KGgo=').kind).toBe('inline');
  expect(imageSource('data:image/svg+xml;base64,PHN2Zz4=').kind).toBe('refused');
  expect(imageSource('data:text/html;base64,PHN2Zz4=').kind).toBe('refused');
  expect(imageSource('javascript:alert(1)').kind).toBe('refused');
  expect(imageSource('https://example.com/a.png')).toEqual({
    kind: 'remote',
    url: 'https://example.com/a.png',
    host: 'example.com',
  });
});

test('a picture over the size cap is refused', () => {
  expect(imageSource(`data:image/png;base64,${'A'.repeat(20_000_000)}`).kind).toBe('refused');
});
