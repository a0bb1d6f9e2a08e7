/** Maths pages of the almanac: one formula each, set in display, with the reason it is true or useful. */

function page(title: string, before: string, formula: string, after: string): string {
  return `### ${title}\n\n${before}\n\n$$\n${formula}\n$$\n\n${after}`;
}

/** Every formula once. */
export const mathPages: readonly string[] = [
  page(
    'The sum that made Euler famous',
    'The reciprocals of the squares add up to something finite. For more than eighty years nobody knew what, until a man of twenty-seven found the circle hiding in it.',
    '\\sum_{n=1}^{\\infty} \\frac{1}{n^2} = \\frac{\\pi^2}{6}',
    'Turn it upside down and it becomes a statement about chance: two whole numbers picked at random have no common factor with probability $6/\\pi^2 \\approx 0.608$.',
  ),
  page(
    'Five constants in one line',
    'Raise $e$ to an imaginary power and you walk around the unit circle. Half a turn ends at minus one.',
    'e^{i\\pi} + 1 = 0',
    'The identity is not a coincidence of five numbers but a sentence about rotation: multiplying by $e^{i\\theta}$ *is* turning by the angle $\\theta$.',
  ),
  page(
    'Bayes, in the form that is used',
    'A test is right 99 times in 100. One person in a thousand has the condition. You test positive. How worried should you be?',
    'P(A \\mid B) = \\frac{P(B \\mid A)\\,P(A)}{P(B \\mid A)\\,P(A) + P(B \\mid \\lnot A)\\,P(\\lnot A)} = \\frac{0.99 \\cdot 0.001}{0.99 \\cdot 0.001 + 0.01 \\cdot 0.999} \\approx 0.09',
    'About nine per cent. The rare truth is outnumbered by the common error, which is why a second, independent test is worth so much.',
  ),
  page(
    'The quadratic formula, once more',
    'Complete the square and the two roots appear on either side of the axis of the parabola.',
    'ax^2 + bx + c = 0 \\quad\\Longrightarrow\\quad x = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}',
    'When $b$ is large and $c$ small, computing both roots this way loses digits in one of them. Compute the larger one, then use that their product is $c/a$.',
  ),
  page(
    'Stirling’s estimate',
    'Factorials grow too fast to write down, but their size can be read off a smooth curve.',
    'n! \\sim \\sqrt{2\\pi n}\\,\\left(\\frac{n}{e}\\right)^{n}',
    'For $n = 10$ it gives about 3,598,696 against the true 3,628,800: less than one per cent off, and better with every step.',
  ),
  page(
    'A matrix that counts rabbits',
    'Fibonacci’s rule is one multiplication by a small matrix; raising it to a power jumps ahead.',
    '\\begin{pmatrix} 1 & 1 \\\\ 1 & 0 \\end{pmatrix}^{n} = \\begin{pmatrix} F_{n+1} & F_n \\\\ F_n & F_{n-1} \\end{pmatrix}',
    'Squaring the matrix again and again reaches the millionth Fibonacci number in some thirty multiplications instead of a million additions.',
  ),
  page(
    'The area under the bell',
    'The integral has no elementary antiderivative. Squared, it becomes a volume of revolution, and in polar coordinates it falls apart.',
    '\\int_{-\\infty}^{\\infty} e^{-x^2}\\,dx = \\sqrt{\\pi}',
    'Lord Kelvin is supposed to have written this on the board and said that a mathematician is one to whom *that* is as obvious as twice two.',
  ),
  page(
    'How much a message weighs',
    'Shannon measured surprise. An event of probability $p$ carries $-\\log_2 p$ bits, and a source carries the average of that.',
    'H = -\\sum_{i} p_i \\log_2 p_i',
    'A fair coin is worth one bit. A coin that falls heads nine times in ten is worth 0.47, and no code can store its throws in less.',
  ),
  page(
    'The birthday surprise',
    'In a room of 23 people it is more likely than not that two share a birthday, because there are 253 pairs to try.',
    'P(n) = 1 - \\prod_{k=0}^{n-1} \\left(1 - \\frac{k}{365}\\right), \\qquad P(23) \\approx 0.507',
    'The same arithmetic decides how long an identifier must be: with $N$ possible values, expect the first collision after about $1.25\\sqrt{N}$ draws.',
  ),
  page(
    'Heron’s triangle',
    'Three sides are enough for the area; no angle and no height is needed.',
    'A = \\sqrt{s(s-a)(s-b)(s-c)}, \\qquad s = \\frac{a+b+c}{2}',
    'For sides 13, 14 and 15 the half-perimeter is 21, and the area comes out as a round 84.',
  ),
];
