/** Facts about whole numbers, all computed, for the number pages of the almanac. Inputs are integers of at least 2. */

/** Prime factors with repetition, ascending. */
export function factorise(value: number): number[] {
  const factors: number[] = [];
  let rest = value;
  for (let prime = 2; prime * prime <= rest; prime += 1) {
    while (rest % prime === 0) {
      factors.push(prime);
      rest /= prime;
    }
  }
  return rest > 1 ? [...factors, rest] : factors;
}

/** True when the only factor is the number itself. */
export function isPrime(value: number): boolean {
  return value > 1 && factorise(value).length === 1;
}

/** Divisors below the number, ascending. */
export function properDivisors(value: number): number[] {
  return Array.from({ length: value - 1 }, (_, index) => index + 1).filter(
    (divisor) => value % divisor === 0,
  );
}

/** The Collatz walk from the number down to 1, both included. */
export function collatzWalk(value: number): number[] {
  const walk = [value];
  for (let at = value; at !== 1; walk.push(at)) at = at % 2 === 0 ? at / 2 : 3 * at + 1;
  return walk;
}

/** Roman numeral, for 1 to 3,999. */
export function roman(value: number): string {
  const signs: [number, string][] = [
    [1000, 'M'],
    [900, 'CM'],
    [500, 'D'],
    [400, 'CD'],
    [100, 'C'],
    [90, 'XC'],
    [50, 'L'],
    [40, 'XL'],
    [10, 'X'],
    [9, 'IX'],
    [5, 'V'],
    [4, 'IV'],
    [1, 'I'],
  ];
  let rest = value;
  let text = '';
  for (const [worth, sign] of signs) {
    text += sign.repeat(Math.floor(rest / worth));
    rest %= worth;
  }
  return text;
}

/** Two squares that add up to the number, smaller root first; `undefined` where there are none. */
export function asTwoSquares(value: number): [number, number] | undefined {
  for (let small = 1; 2 * small * small <= value; small += 1) {
    const large = Math.sqrt(value - small * small);
    if (Number.isInteger(large)) return [small, large];
  }
  return undefined;
}

/** The digits that repeat in 1/n, by long division; '' where the decimal ends. */
export function repeatingDigits(value: number): string {
  const seenAt = new Map<number, number>();
  let digits = '';
  let rest = 1;
  while (rest !== 0 && !seenAt.has(rest)) {
    seenAt.set(rest, digits.length);
    rest *= 10;
    digits += Math.floor(rest / value);
    rest %= value;
  }
  return rest === 0 ? '' : digits.slice(seenAt.get(rest));
}

/** Continued fraction of the square root: whole part and period; the period is empty for squares. */
export function rootFraction(value: number): { whole: number; period: number[] } {
  const whole = Math.floor(Math.sqrt(value));
  const period: number[] = [];
  if (whole * whole === value) return { whole, period };
  let m = 0;
  let d = 1;
  let a = whole;
  while (a !== 2 * whole) {
    m = d * a - m;
    d = (value - m * m) / d;
    a = Math.floor((whole + m) / d);
    period.push(a);
  }
  return { whole, period };
}

/** The walk of digit-square sums up to 1, or up to the 4 that leads round for ever. */
export function happyWalk(value: number): number[] {
  const walk = [value];
  for (let at = value; at !== 1 && at !== 4; walk.push(at)) {
    at = [...String(at)].reduce((sum, digit) => sum + Number(digit) ** 2, 0);
  }
  return walk;
}

/** In how many ways the number is a sum of positive whole numbers, order left aside. */
export function partitionCount(value: number): bigint {
  const ways: bigint[] = Array.from({ length: value + 1 }, (_, index) => (index === 0 ? 1n : 0n));
  for (let part = 1; part <= value; part += 1) {
    for (let sum = part; sum <= value; sum += 1) ways[sum] = (ways[sum] ?? 0n) + (ways[sum - part] ?? 0n);
  }
  return ways[value] ?? 0n;
}

/** The nearest prime in one direction, the number itself left out. */
export function neighbourPrime(value: number, direction: 1 | -1): number {
  let at = value + direction;
  while (!isPrime(at) && at > 2) at += direction;
  return at;
}
