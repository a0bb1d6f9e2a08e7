/** Language pages of the almanac: a saying in its own script and direction, with what it means. */

function page(title: string, ...parts: string[]): string {
  return [`### ${title}`, ...parts].join('\n\n');
}

/** Every language once. */
export const languagePages: readonly string[] = [
  page(
    'Japanese · 日本語',
    '> 猿も木から落ちる。',
    'Even monkeys fall from trees. The sentence mixes two scripts: 猿 *saru*, 木 *ki* and 落 *o* are characters that carry meaning, and the rounded signs between them, も, から, ちる, are syllables that carry grammar.',
    '古池や蛙飛びこむ水の音。 Bashō’s frog has jumped into that old pond in more than a hundred English versions, and not one of them needs more than a breath.',
  ),
  page(
    'Arabic · العربية',
    'الصبر مفتاح الفرج',
    '*Patience is the key to relief.* The line runs from right to left, while a number inside it, such as 1453, still reads from left to right; software has been getting that wrong since there was software.',
    '- **كتاب** *kitāb*, a book\n- **كاتب** *kātib*, a writer\n- **مكتبة** *maktaba*, a library\n- **مكتوب** *maktūb*, written, and so also “fated”',
    'All four grow from one root of three consonants, k-t-b. A dictionary lists them under the root, so you must know the family before you find the child.',
  ),
  page(
    'Hebrew · עברית',
    'טוב שכן קרוב מאח רחוק',
    '*Better a near neighbour than a distant brother*, from the Book of Proverbs. Hebrew was spoken by no one at home for some seventeen centuries and is now the first language of millions.',
    'Five letters change shape at the end of a word: כ becomes ך, מ becomes ם, נ becomes ן, פ becomes ף, and צ becomes ץ.',
  ),
  page(
    'Chinese · 中文',
    '> 千里之行，始于足下。',
    'A journey of a thousand miles begins beneath one’s feet. The line is from the *Dao De Jing*. Eight characters and no inflection: no tense, no plural, no article.',
    '| Sign | Built from | Means |\n|:---:|---|---|\n| 明 | 日 sun + 月 moon | bright |\n| 休 | 人 person + 木 tree | to rest |\n| 好 | 女 woman + 子 child | good |\n| 森 | 木 three trees | forest |',
  ),
  page(
    'Korean · 한국어',
    '> 시작이 반이다.',
    'Beginning is half. King Sejong’s scholars published the alphabet in 1446, with shapes that picture the mouth: ㄱ is the tongue raised at the back, ㅁ the closed lips.',
    'Letters are packed into square syllables, so that ㅎ, ㅏ and ㄴ become 한. A clever person, the book promised, can learn them before the morning is over.',
  ),
  page(
    'Greek · Ελληνικά',
    '> Μηδὲν ἄγαν.',
    'Nothing in excess: one of the maxims carved at Delphi. The accents were added by scholars in Alexandria for readers who no longer knew the melody by ear.',
    'When the Greeks took over the Phoenician letters, they had some to spare for sounds they did not use, and made them vowels. It was the first alphabet in which everything that is said is also written.',
  ),
  page(
    'Hindi · हिन्दी',
    '> जहाँ चाह वहाँ राह।',
    'Where there is a wish, there is a way. The bar along the top is the line from which the letters hang, as washing does.',
    'A vowel that follows a consonant attaches to it, before, behind, above or below: कि is *ki* although the sign for *i* is written first.',
  ),
  page(
    'Finnish · Suomi',
    '> Oma tupa, oma lupa.',
    'One’s own cottage, one’s own permission: at home you are free. Finnish has no article, no gender and no future tense, and fifteen cases to make up for it.',
    '*Juoksentelisinkohan* is one word and means “I wonder whether I should run around a little without any aim”.',
  ),
  page(
    'Emoji · 😀',
    'A family 👨‍👩‍👧 is three people and two invisible joiners; a flag 🇯🇵 is two letters in disguise; a thumb 👍🏽 is a thumb and a colour of skin. What looks like one sign, such as 👨‍👩‍👧‍👦, may be seven code points and twenty-five bytes.',
    'Cut such a string in the wrong place and the family falls apart:\n\n1. 👨‍👩‍👧 whole\n2. 👨👩👧 without its joiners\n3. 🏳️‍🌈 a white flag, a variation selector, a joiner, and a rainbow 🌈',
    'The first set that reached most people, in 1999 in Japan, had 176 pictures of twelve by twelve dots each: hearts ❤️, moons 🌙, weather ☔ and a pair of shoes 👟.',
  ),
  page(
    'Esperanto',
    '> Amikoj en la bezono estas veraj amikoj.',
    'Friends in need are true friends. L. L. Zamenhof published the language in 1887 with sixteen rules and some nine hundred roots; every noun ends in *-o*, every adjective in *-a*, every plural in *-j*.',
    'With the prefix *mal-* each adjective yields its opposite: *granda* large, *malgranda* small, *varma* warm, *malvarma* cold. Learners get half a vocabulary for nothing.',
  ),
];
