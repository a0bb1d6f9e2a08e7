import { describe, expect, it } from 'vitest';
import { replaceCitations } from './chatGptCitations.ts';

const mark = '\ue200cite\ue202turn0search3\ue202turn0search4\ue201';

describe('the citations of ChatGPT', () => {
  it('become links and sources', () => {
    const items = [
      { title: 'A [page]', url: 'https://a.example/1' },
      { title: 'Another', url: 'https://b.example/2' },
      { title: 'A script', url: 'javascript:alert(1)' },
    ];
    expect(
      replaceCitations(`So 😀 it is.${mark}`, { content_references: [{ matched_text: mark, items }] }),
    ).toEqual({
      text: 'So 😀 it is. ([A page](<https://a.example/1>), [Another](<https://b.example/2>))',
      sources: [
        { url: 'https://a.example/1', title: 'A [page]' },
        { url: 'https://b.example/2', title: 'Another' },
      ],
    });
  });

  it('use other words where there is no link, and nothing where they are hidden or invalid', () => {
    const other = '\ue200entity\ue202x\ue201';
    const references = [
      { matched_text: mark, alt: 'the page' },
      { matched_text: other, type: 'hidden', alt: 'hidden' },
    ];
    expect(replaceCitations(`a ${mark} b${other}`, { content_references: references }).text).toBe(
      'a the page b',
    );
  });

  it('leave no private-use character, whatever is missing', () => {
    expect(replaceCitations(`a${mark}b\ue203c\ue204\ue206d\ue200cut`, {}).text).toBe('abcdcut');
  });

  it('of the old kind become links by their position in code points', () => {
    const text = '😀 Known.【12†source】 Unknown.【13†source】 【Brackets】';
    const start = Array.from(text).join('').indexOf('【') - 1;
    const citations = [
      {
        start_ix: start,
        end_ix: start + 11,
        metadata: { type: 'webpage', title: 'Page', url: 'https://a.example/' },
      },
    ];
    expect(replaceCitations(text, { citations }).text).toBe(
      '😀 Known. ([Page](<https://a.example/>)) Unknown. 【Brackets】',
    );
  });

  it('that no text has are still sources', () => {
    const groups = [
      { domain: 'a.example', entries: [{ url: 'https://a.example/', title: 'A' }, { url: 5 }] },
    ];
    expect(replaceCitations('Text', { search_result_groups: groups })).toEqual({
      text: 'Text',
      sources: [{ url: 'https://a.example/', title: 'A' }],
    });
  });

  it('of a hostile text are read quickly', () => {
    const startedMs = performance.now();
    const references = Array.from({ length: 5000 }, (_, index) => ({ matched_text: `\ue200${index}\ue201` }));
    replaceCitations('\ue200【'.repeat(200_000), { content_references: references });
    expect(performance.now() - startedMs).toBeLessThan(5000);
  });
});
