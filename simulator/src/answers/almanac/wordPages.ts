/** Pages about words: where each comes from, and how it looks in Morse, in numbers and in bytes. */
import { pick } from './wording.ts';

const words: readonly (readonly [word: string, story: string])[] = [
  ['muscle', 'From Latin *musculus*, a little mouse: somebody once watched a biceps move under the skin.'],
  ['window', 'From Old Norse *vindauga*, “wind-eye”, a hole that lets out smoke and lets in weather.'],
  ['salary', 'From *salarium*, which has to do with salt. Exactly what, not even the Romans made clear.'],
  [
    'disaster',
    'From Italian *disastro*, an ill star. Its gentler cousin is “consider”, perhaps “to observe the stars”.',
  ],
  [
    'algorithm',
    'From al-Khwarizmi, the scholar of ninth-century Baghdad, whose name means “the man from Khwarazm”.',
  ],
  ['quarantine', 'From Venetian *quaranta giorni*, the forty days for which ships waited off the city.'],
  [
    'robot',
    'From Czech *robota*, forced labour, for a play of 1920. Karel Čapek gave the credit to his brother Josef.',
  ],
  ['companion', 'From Latin *com* and *panis*: one with whom you share bread.'],
  [
    'nice',
    'From Latin *nescius*, ignorant. It has meant foolish, fussy and precise on its way to meaning very little.',
  ],
  ['sabotage', 'From French *sabot*, a wooden shoe, and *saboter*, to clatter about and bungle.'],
  [
    'orange',
    'From Sanskrit *nāraṅga* by way of Persian and Arabic. The fruit had the name first, the colour later.',
  ],
  ['clue', 'From *clew*, a ball of thread, such as the one that led Theseus out of the labyrinth.'],
  [
    'tsunami',
    'From Japanese 津波, “harbour wave”: fishermen at sea noticed nothing, and came home to find it had passed.',
  ],
  ['sherbet', 'From Arabic شراب, a drink, by way of Turkish. “Syrup” has the same parent.'],
  ['amen', 'From Hebrew אמן, “truly”. The root also gives the words for faith and for a skilled craftsman.'],
  ['berserk', 'From Old Norse *berserkr*, probably “bear shirt”.'],
  ['ketchup', 'Most likely from Hokkien *kê-tsiap*, a sauce of fermented fish. The tomato came last.'],
  [
    'noon',
    'From Latin *nona*, the ninth hour, three in the afternoon. It slid forward in the Middle Ages, some say because monks could not eat before.',
  ],
  ['planet', 'From Greek *planētēs*, a wanderer. The fixed stars were those that did not.'],
  ['bug', 'For a fault in a machine it is older than computers: Edison used it in letters of the 1870s.'],
  ['cursor', 'From Latin, “a runner”. On the slide rule it was the little window that ran along the scales.'],
  [
    'sandwich',
    'From the fourth Earl, who would not leave his desk, or, in the version of his enemies, the card table.',
  ],
  [
    'pencil',
    'From *penicillus*, a little tail, that is, a fine brush. Penicillin is called after the same tail.',
  ],
  [
    'avocado',
    'From Nahuatl *āhuacatl*. The Spanish bent it towards a word for a lawyer that they already had.',
  ],
  ['galaxy', 'From Greek *gala*, milk. “Milky Way” is the same picture in plainer dress.'],
  ['deadline', 'In the prisons of the American Civil War it was a line that you were shot for crossing.'],
  ['grapevine', 'News by grapevine was an ironic name for telegraph wires strung loosely from tree to tree.'],
  [
    'serendipity',
    'Made up by Horace Walpole in 1754 from a tale about three princes of Serendip, which is Sri Lanka.',
  ],
];

const morse: Record<string, string> = Object.fromEntries(
  '.- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --..'
    .split(' ')
    .map((code, index) => [String.fromCharCode(97 + index), code.replaceAll('.', '·').replaceAll('-', '–')]),
);

/** Number of word pages. */
export const wordPageCount = words.length;

/** The page about one word. */
export function wordPage(index: number): string {
  const entry = words[index % words.length];
  if (entry === undefined) return '';
  const [word, story] = entry;
  const letters = [...word];
  const sum = letters.reduce((total, letter) => total + letter.charCodeAt(0) - 96, 0);
  const code = letters.map((letter) => morse[letter] ?? '').join(' ');
  const sorted = letters.toSorted().join('');
  const game = pick(index, [
    `In Morse it is ${code}, and with A as 1 and Z as 26 its letters add up to ${sum}.`,
    `Its ${letters.length} letters, put in order, read *${sorted}*. A telegraphist would send ${code}.`,
    `A computer stores it as \`${Buffer.from(word).toString('hex')}\`. Counted A = 1 to Z = 26, it is worth ${sum}.`,
    `Backwards it is *${letters.toReversed().join('')}*, and moved on by thirteen letters it is *${rot13(word)}*.`,
  ]);
  const heading = pick(index, [
    `### The word “${word}”`,
    `### ${word.charAt(0).toUpperCase()}${word.slice(1)}, a short history`,
  ]);
  return `${heading}\n\n**${word}** · ${story}\n\n${game}`;
}

function rot13(word: string): string {
  return word.replace(/[a-z]/g, (letter) =>
    String.fromCharCode(((letter.charCodeAt(0) - 97 + 13) % 26) + 97),
  );
}
