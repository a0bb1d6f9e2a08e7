import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldText, foldWithPositions } from './foldText.ts';
import { findTerms, hasTerms, searchTerms } from './searchTerms.ts';

const marked = (text: string, query: string): string[] =>
  findTerms(text, searchTerms(query)).map(({ start, end }) => text.slice(start, end));

describe('foldText', () => {
  it.each([
    ['Straße', 'strasse'],
    ['ÉCOLE', 'ecole'],
    ['e\u0301cole', 'ecole'],
    ['Ёлка', 'елка'],
    ['İstanbul', 'istanbul'],
    ['ΟΔΟΣ', 'οδοσ'],
    ['Łódź', 'lodz'],
    ['ｆｕｌｌ', 'full'],
    ['한국', '한국'],
    ['हिन्दी', 'हिन्दी'],
    ['مُحَمَّد', 'محمد'],
    ['a\tb\nc', 'a b c'],
  ])('makes of %s what is compared', (text, folded) => {
    expect(foldText(text)).toBe(folded);
    expect(foldText(folded)).toBe(folded);
  });

  it('keeps a voiced sound mark, because it changes the letter', () => {
    expect(foldText('がき')).not.toBe(foldText('かき'));
  });

  it('gives the same text with and without positions', () => {
    const text = fc.string({ unit: 'grapheme' }).map((each) => each.normalize('NFC'));
    fc.assert(
      fc.property(text, (each) => {
        expect(foldWithPositions(each).folded).toBe(foldText(each));
      }),
    );
  });
});

describe('searchTerms', () => {
  it.each([
    ['two words', ['two', 'words']],
    ['"two words" more', ['two words', 'more']],
    ['"not closed', ['not closed']],
    ['print("hi")', ['print("hi")']],
    ['same Same SAME', ['same']],
    [' "" ', []],
    ['北京 大学', ['北京', '大学']],
  ])('reads %s', (query, terms) => {
    expect(searchTerms(query)).toEqual(terms);
  });
});

describe('findTerms', () => {
  it('marks parts of words, whatever their case and accents', () => {
    expect(marked('Une École, deux écoles', 'ecole')).toEqual(['École', 'école']);
    expect(marked('parseRequestBody()', 'request body')).toEqual(['RequestBody']);
  });

  it('marks the whole letter where folding turns one into two', () => {
    expect(marked('Große Straße', 'strasse')).toEqual(['Straße']);
    expect(marked('Große', 'ss')).toEqual(['ß']);
  });

  it('marks a single letter inside words only when it is the whole query', () => {
    expect(marked('About a day, twice a day', 'twice a day')).toEqual(['a', 'day', 'twice', 'a', 'day']);
    expect(marked('Plan', 'a')).toEqual(['a']);
  });

  it('marks words in scripts without spaces', () => {
    expect(marked('我在北京大学学习', '大学')).toEqual(['大学']);
    expect(marked('東京都に住んでいます', '住んで')).toEqual(['住んで']);
  });

  it('finds a term in every text that has it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), fc.string(), (term, before, after) => {
        const terms = searchTerms(`"${term.replaceAll('"', '')}"`);
        const text = `${before} ${term.replaceAll('"', '')} ${after}`;
        expect(hasTerms(foldText(text), terms)).toBe(true);
      }),
    );
  });
});
