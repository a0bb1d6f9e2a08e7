import { expect, test } from 'vitest';
import { namedInPage, staticImports } from '../../../e2e/support/pageWeight.ts';

test('a page names its scripts, preloads and style sheets, and nothing else', () => {
  const html =
    '<link rel="icon" href="/icon.svg"><script src="/theme.js"></script><script type="module" crossorigin src="/assets/index-a1.js"></script><link rel="modulepreload" href="/assets/shared-b2.js"><link rel="stylesheet" href="/assets/index-c3.css">';
  expect(namedInPage(html)).toEqual([
    'theme.js',
    'assets/index-a1.js',
    'assets/shared-b2.js',
    'assets/index-c3.css',
  ]);
});

test('a dynamic import does not count as a static one', () => {
  const script = 'import{a as b}from"./a.js";import"./b.js";export*from"./c.js";const d=()=>import("./d.js")';
  expect(staticImports(script)).toEqual(['a.js', 'b.js', 'c.js']);
});
