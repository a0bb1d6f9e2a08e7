import { expect, test } from 'vitest';
import { sitesOf, sourceList } from './sourceList.ts';

test('a page that is cited twice is one source, with the first title and excerpt that it has', () => {
  const sources = sourceList([
    { url: 'https://www.example.org/a', title: '' },
    { url: 'https://tides.example.org/', title: 'Tides', excerpt: 'Twice a day.' },
    { url: 'https://www.example.org/a', title: 'Ferries', excerpt: 'At nine.' },
    { url: 'https://www.example.org/b', title: 'More' },
  ]);
  expect(sources).toEqual([
    { href: 'https://www.example.org/a', site: 'example.org', title: 'Ferries', excerpt: 'At nine.' },
    {
      href: 'https://tides.example.org/',
      site: 'tides.example.org',
      title: 'Tides',
      excerpt: 'Twice a day.',
    },
    { href: 'https://www.example.org/b', site: 'example.org', title: 'More', excerpt: '' },
  ]);
  expect(sitesOf(sources)).toEqual(['example.org', 'tides.example.org']);
});

test.each(['javascript:alert(1)', 'data:text/html,x', 'mailto:a@example.org', '/relative', 'https://', ''])(
  '%j is no source',
  (url) => {
    expect(sourceList([{ url, title: 'A title' }])).toEqual([]);
  },
);
