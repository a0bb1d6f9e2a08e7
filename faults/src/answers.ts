/** What the provider says in a round: answers of many lengths and paces, and the ways in which they go wrong. */
import type { Script, ScriptStep } from '@rill/simulator';
import type { SeededRandom } from './seededRandom.ts';

export interface PlannedAnswer {
  /** Answers of every call, in turn; the last one stands for all that follow. */
  readonly scripts: readonly Script[];
  /** All content that the provider can send; the answer is this or a part of it from its start. */
  readonly content: string;
}

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

export function planAnswer(random: SeededRandom): PlannedAnswer {
  const content = Array.from({ length: random.integer(1, 400) }, () => `${random.pick(words)} `).join('');
  const tokensPerSecond = random.pick([0, 100, 300, 1000]);
  const text: ScriptStep = { text: content, tokensPerSecond };
  const before: ScriptStep[] = [
    ...(random.isLikely(0.3) ? [{ waitMs: random.integer(0, 400) }] : []),
    ...(random.isLikely(0.3) ? [{ reasoning: 'Let me think. ' }] : []),
  ];
  const whole: Script = [...before, text, { finish: 'stop' }];
  const kind = random.fraction();
  if (kind < 0.7) return { scripts: [whole], content };
  if (kind < 0.8) return { scripts: [busy, whole], content };
  if (kind < 0.87)
    return { scripts: [[...before, text, { error: { code: 502, message: 'Gone' } }]], content };
  if (kind < 0.94) return { scripts: [[...before, text, { reset: true }]], content };
  return { scripts: [[...before, text, { finish: 'length' }]], content };
}

const busy: Script = {
  status: 503,
  headers: { 'retry-after': '0' },
  body: { error: { code: 503, message: 'Busy', metadata: { error_type: 'provider_overloaded' } } },
};
