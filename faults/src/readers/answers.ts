/** Plans the provider's answers of a round: many lengths and paces, and the ways in which they go wrong. */
import type { Script, ScriptStep } from '@rill/simulator';
import type { SeededRandom } from '../seededRandom.ts';

export interface PlannedAnswer {
  /** The answers to consecutive calls; the last one is repeated. */
  readonly scripts: readonly Script[];
  /** All content that the provider can send; the answer is this or a prefix of it. */
  readonly content: string;
  /** True when the provider breaks it off. */
  readonly isBroken: boolean;
}

const usualPaces = [0, 100, 300, 1000];

const words = [
  'river',
  'stone',
  'light',
  'é',
  '漢字',
  '😀',
  '👩‍👩‍👧',
  '**bold**',
  '`code`',
  '\n\n',
  '- item\n',
  '"quoted"',
  '\\',
];

/** Plans an answer. `paces` are the rates to choose from, in tokens per second; 0 sends all at once. */
export function planAnswer(random: SeededRandom, paces: readonly number[] = usualPaces): PlannedAnswer {
  const content = Array.from({ length: random.integer(1, 400) }, () => `${random.pick(words)} `).join('');
  const tokensPerSecond = random.pick(paces);
  const text: ScriptStep = { text: content, tokensPerSecond };
  const before: ScriptStep[] = [
    ...(random.isLikely(0.3) ? [{ waitMs: random.integer(0, 400) }] : []),
    ...(random.isLikely(0.3) ? [{ reasoning: 'Let me think. ' }] : []),
  ];
  const whole: Script = [...before, text, { finish: 'stop' }];
  const kind = random.fraction();
  if (kind < 0.7) return { scripts: [whole], content, isBroken: false };
  if (kind < 0.8) return { scripts: [busy, whole], content, isBroken: false };
  const brokenOff = (last: ScriptStep): PlannedAnswer => ({
    scripts: [[...before, text, last]],
    content,
    isBroken: true,
  });
  if (kind < 0.87) return brokenOff({ error: { code: 502, message: 'Gone' } });
  if (kind < 0.94) return brokenOff({ reset: true });
  return { scripts: [[...before, text, { finish: 'length' }]], content, isBroken: false };
}

const busy: Script = {
  status: 503,
  headers: { 'retry-after': '0' },
  body: { error: { code: 503, message: 'Busy', metadata: { error_type: 'provider_overloaded' } } },
};
