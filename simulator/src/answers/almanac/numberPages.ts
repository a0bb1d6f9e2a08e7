/** Number pages of the almanac: a few facts each, chosen and worded differently from page to page. */
import {
  asTwoSquares,
  collatzWalk,
  factorise,
  happyWalk,
  isPrime,
  neighbourPrime,
  partitionCount,
  properDivisors,
  repeatingDigits,
  roman,
  rootFraction,
} from './numberFacts.ts';
import { listWords, pick } from './wording.ts';

type Fact = (value: number, variant: number) => string;

const facts: readonly Fact[] = [
  character,
  writing,
  collatz,
  squares,
  reciprocal,
  root,
  happiness,
  partitions,
  neighbours,
  everydayUse,
];

/** The page about one number; `variant` turns the choice of facts and of words. */
export function numberPage(value: number, variant: number): string {
  const chosen = [0, 3, 7, 5].map((step) => facts[(variant * 3 + step) % facts.length]);
  const sentences = chosen.map((fact, index) => fact?.(value, variant + index) ?? '');
  const heading = pick(variant, [
    `### The number ${value}`,
    `### ${value}, looked at closely`,
    `### A page for ${value}`,
    `### What ${value} is made of`,
    `### ${roman(value)}: ${value}`,
  ]);
  if (variant % 4 === 1) return `${heading}\n\n${sentences.map((sentence) => `- ${sentence}`).join('\n')}`;
  if (variant % 4 === 3) return `${heading}\n\n${numberTable(value)}\n\n${sentences.slice(0, 3).join(' ')}`;
  const [first, ...rest] = sentences;
  return `${heading}\n\n${first}\n\n${rest.join(' ')}`;
}

function numberTable(value: number): string {
  const rows = [value - 1, value, value + 1].map(
    (at) =>
      `| ${at} | \`${at.toString(2)}\` | \`${at.toString(16)}\` | ${roman(at)} | ${factorise(at).join(' × ')} | ${collatzWalk(at).length - 1} |`,
  );
  return [
    '| decimal | binary | hex | Roman | factors | Collatz steps |',
    '|---:|---:|---:|---|---|---:|',
    ...rows,
  ].join('\n');
}

function character(value: number, variant: number): string {
  if (isPrime(value)) {
    return pick(variant, [
      `It is prime: no rectangle of ${value} tiles exists except the single row.`,
      `Nothing divides ${value} but one and itself, which makes it a prime.`,
      `As a prime, ${value} can share out its members evenly only among ${value} people or to one very lucky person.`,
    ]);
  }
  const divisors = properDivisors(value);
  const sum = divisors.reduce((total, divisor) => total + divisor, 0);
  const { kind, comparison } = compareParts(sum, value);
  return pick(variant, [
    `Its proper divisors, ${listWords(divisors)}, add up to ${sum}, so the Greeks would have called it *${kind}*.`,
    `Broken into primes it is $${factorise(value).join(' \\times ')}$. The smaller divisors sum to ${sum}: a **${kind}** number.`,
    `Ask for its parts and ${value} answers ${listWords(divisors)}. Together they make ${sum}, which is ${comparison}; the word for that is ${kind}.`,
  ]);
}

function writing(value: number, variant: number): string {
  const ones = [...value.toString(2)].filter((digit) => digit === '1').length;
  return pick(variant, [
    `A Roman mason would cut ${roman(value)} for it; a processor stores \`${value.toString(2)}\`, with ${ones} of its bits set.`,
    `Written in base two it is \`${value.toString(2)}\`, in base sixteen \`0x${value.toString(16)}\`, and on an old clock tower ${roman(value)}.`,
    `In binary, ${value} needs ${value.toString(2).length} digits and ${ones === 1 ? 'a single one' : `${ones} ones`}: \`${value.toString(2)}\`.`,
  ]);
}

function collatz(value: number, variant: number): string {
  const walk = collatzWalk(value);
  const peak = Math.max(...walk);
  const start = walk.slice(0, 5).join(' → ');
  return pick(variant, [
    `Halve it when even, triple it and add one when odd: ${start} and so on, until after ${walk.length - 1} steps it lands on 1, having climbed to ${peak.toLocaleString('en')}.`,
    `Its Collatz walk begins ${start}, never rises above ${peak.toLocaleString('en')}, and comes home in ${walk.length - 1} steps. Nobody has proved that every walk does.`,
    `Follow the rule of Collatz from here and you take ${walk.length - 1} steps to reach 1; the highest point on the way is ${peak.toLocaleString('en')}.`,
  ]);
}

function squares(value: number, variant: number): string {
  const pair = asTwoSquares(value);
  if (pair === undefined) {
    return pick(variant, [
      `It is not the sum of two squares of positive whole numbers, however long you search.`,
      `No right-angled triangle with whole legs has $\\sqrt{${value}}$ as its longest side.`,
    ]);
  }
  return pick(variant, [
    `As a sum of two squares it is $${pair[0]}^2 + ${pair[1]}^2$, so a knight that leaps ${pair[0]} across and ${pair[1]} up travels exactly $\\sqrt{${value}}$.`,
    `Draw a rectangle of ${pair[0]} by ${pair[1]}: the square on its diagonal has area ${value}, because ${pair[0] ** 2} and ${pair[1] ** 2} make ${value}.`,
  ]);
}

function reciprocal(value: number, variant: number): string {
  const digits = repeatingDigits(value);
  if (digits === '')
    return `Divide one by it and the decimal comes to an end: ${1 / value}. Only numbers built from twos and fives behave so.`;
  const shown = digits.length > 24 ? `${digits.slice(0, 24)}…` : digits;
  const places = digits.length === 1 ? 'a single digit' : `${digits.length} digits`;
  return pick(variant, [
    `Its reciprocal repeats with a period of ${places}: ${shown}.`,
    `One divided by ${value} is a decimal that goes round for ever; the part that comes back is ${shown}, ${places} long.`,
  ]);
}

function root(value: number, variant: number): string {
  const { whole, period } = rootFraction(value);
  if (period.length === 0)
    return `It is a perfect square, ${whole} times ${whole}, and looks well as a chessboard.`;
  const tail = period.length > 8 ? `${period.slice(0, 8).join(', ')}, …` : period.join(', ');
  return pick(variant, [
    `Its square root is ${Math.sqrt(value).toFixed(6)} and, as a continued fraction, $[${whole}; \\overline{${tail.replace('…', '\\dots')}}]$.`,
    `The square root lies between ${whole} and ${whole + 1}; the fraction that chases it repeats every ${period.length === 1 ? 'step' : `${period.length} steps`}, as Lagrange proved it must.`,
  ]);
}

function happiness(value: number, variant: number): string {
  const walk = happyWalk(value);
  const shown = walk.slice(0, 6).join(', ');
  return walk.at(-1) === 1
    ? `Square its digits, add them, repeat: ${shown}${walk.length > 6 ? ', …' : ''}. The walk ends at 1, which is all it takes to be a *happy* number. 🙂`
    : pick(variant, [
        `It is not a happy number: adding up the squares of its digits leads ${shown}${walk.length > 6 ? ', …' : ''} into the loop through 4 that has no way out.`,
        `Summing squared digits gives ${shown}${walk.length > 6 ? ', …' : ''}, and from there round in a ring of eight numbers for ever.`,
      ]);
}

function partitions(value: number, variant: number): string {
  const count = partitionCount(value).toLocaleString('en');
  return pick(variant, [
    `A heap of ${value} pebbles can be split into smaller heaps in ${count} ways, counting the way that splits nothing.`,
    `Ramanujan loved the partition numbers. The one for ${value} is ${count}.`,
    `Hand out ${value} identical coins in piles without caring about the order of piles, and you have ${count} choices.`,
  ]);
}

function neighbours(value: number, variant: number): string {
  const below = neighbourPrime(value, -1);
  const above = neighbourPrime(value, 1);
  return pick(variant, [
    `The nearest primes are ${below} on one side and ${above} on the other.`,
    `Walk down and the first prime you meet is ${below}; walk up and it is ${above}, a gap of ${above - below} from door to door.`,
  ]);
}

function everydayUse(value: number, variant: number): string {
  return pick(variant, [
    `As a temperature, ${value} °F is ${(((value - 32) * 5) / 9).toFixed(1)} °C; as a speed, ${value} km/h is ${(value / 3.6).toFixed(1)} metres a second.`,
    `That many days are ${Math.floor(value / 7)} weeks and ${value % 7} days; that many hours, ${(value / 24).toFixed(2)} days.`,
    `A stack of paper ${value} centimetres high holds about ${Math.round(value * 100).toLocaleString('en')} sheets at a tenth of a millimetre each.`,
    `At ${value} beats a minute one beat lasts ${(60_000 / value).toFixed(0)} milliseconds.`,
  ]);
}

function compareParts(sum: number, value: number): { kind: string; comparison: string } {
  if (sum === value) return { kind: 'perfect', comparison: 'exactly the number again' };
  return sum > value
    ? { kind: 'abundant', comparison: 'more than the whole' }
    : { kind: 'deficient', comparison: 'less than the whole' };
}
