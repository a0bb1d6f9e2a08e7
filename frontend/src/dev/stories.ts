/** Lists every state of an answer that a user can meet: what to draw, and words that must be seen. */
import { blankMessage, type QueuePauseReason, type RunView } from '@rill/protocol';
import { endedViewFixture, messageFixture, viewFixture } from '../lib/view/message/messageFixtures.ts';
import type { Connection } from '../lib/view/message/status/liveStatus.ts';

interface StoryBase {
  /** Its path under /dev/states/. */
  readonly id: string;
  readonly title: string;
  /** Words that the state shows. */
  readonly words: readonly string[];
}

export interface AnswerStory extends StoryBase {
  readonly type: 'answer';
  readonly view: RunView;
  /** One after the other, each once the one before was drawn. */
  readonly connections: readonly Connection[];
  /** Since the message was sent. */
  readonly elapsedMs: number;
  readonly isCancelling?: boolean;
  readonly isFromElsewhere?: boolean;
  readonly isContinuable?: boolean;
}

export interface UnsentStory extends StoryBase {
  readonly type: 'unsent';
  readonly failure: string | null;
}

export interface QueueStory extends StoryBase {
  readonly type: 'queue';
  readonly pausedBy: QueuePauseReason | null;
  /** True when the server does not have the last message yet. */
  readonly isAway?: boolean;
}

export type Story = AnswerStory | UnsentStory | QueueStory;

const question = 'How do tides work?';
const answer = `Tides are long waves that the Moon and the Sun raise in the oceans.

## Why two a day

The Moon pulls **harder on the near side** of the Earth than on its centre, and least on the far side. That leaves two bulges:

1. one under the Moon,
2. one on the other side.

| Port | Range |
| --- | --: |
| Bay of Fundy | 16 m |
| Mediterranean | 0.3 m |

\`\`\`ts
const periodHours = 12 + 25 / 60;
\`\`\`

The formula is $F \\propto \\frac{2GMmr}{d^3}$, which falls with the cube of the distance.`;
/** Longer than what is laid out in one group: items, rows and chunks of code. */
const long = `${Array.from({ length: 40 }, (_, index) => `- item ${index} with [a link](https://example.com/${index})`).join('\n')}

| Hour | Height |
| --- | --: |
${Array.from({ length: 110 }, (_, index) => `| ${index} | ${index % 12} m |`).join('\n')}

\`\`\`ts
${Array.from({ length: 130 }, (_, index) => `const height${index} = ${index} % 12;`).join('\n')}
\`\`\``;
const half = answer.slice(0, 420);
const reasoning =
  'The question is short. Two bulges, the *gradient* of gravity, and one table of ranges should be enough.';

const live = (change: Partial<AnswerStory> & Pick<AnswerStory, 'id' | 'title' | 'words'>): AnswerStory => ({
  type: 'answer',
  view: viewFixture({ content: half }),
  connections: ['open'],
  elapsedMs: 4200,
  ...change,
});
const ended = (
  change: Parameters<typeof endedViewFixture>[0],
  story: Partial<AnswerStory> & Pick<AnswerStory, 'id' | 'title' | 'words'>,
) => live({ view: endedViewFixture({ content: answer, ...change }), ...story });
const error = (code: 'idle_timeout' | 'provider_rate_limited', message: string) =>
  ({
    code,
    message,
    isRetryable: true,
    ...(code === 'idle_timeout' ? {} : { retryAfterMs: 20_000 }),
  }) as const;

export const stories: readonly Story[] = [
  { type: 'unsent', id: 'sending', title: 'Sending', words: [question, 'Sending'], failure: null },
  {
    type: 'unsent',
    id: 'not-sent',
    title: 'Not sent',
    words: ['Not sent. The server cannot be reached.', 'Retry', 'Edit'],
    failure: 'The server cannot be reached.',
  },
  live({
    id: 'waiting',
    title: 'Waiting',
    words: ['Waiting for the model, 3 s'],
    view: viewFixture(),
    elapsedMs: 3200,
  }),
  live({
    id: 'waiting-long',
    title: 'Waiting, long',
    words: ['Still waiting for the model, 17 s. You can stop at any time.', 'Stop this answer'],
    view: viewFixture(),
    elapsedMs: 17_000,
  }),
  live({
    id: 'searching',
    title: 'Searching',
    words: ['Searching or thinking, 7 s'],
    view: viewFixture({
      message: messageFixture({ ...blankMessage(), status: 'streaming', web: 'offered' }),
    }),
    elapsedMs: 7300,
  }),
  live({
    id: 'thinking',
    title: 'Thinking',
    words: ['Thinking 12 s'],
    view: viewFixture({ reasoning }),
    elapsedMs: 12_300,
  }),
  ended(
    { isEdited: true, copyOf: 'answer-0' },
    { id: 'edited', title: 'Edited by the user', words: ['Edited by you'] },
  ),
  live({ id: 'streaming', title: 'Streaming', words: ['Writing', '≈'] }),
  live({ id: 'stopping', title: 'Stopping', words: ['Stopping'], isCancelling: true }),
  ended(
    { status: 'cancelled', content: half },
    {
      id: 'stopped',
      title: 'Stopped',
      words: ['Stopped after 420 characters.', 'Continue', 'Retry'],
      isContinuable: true,
    },
  ),
  ended(
    { finishReason: 'length', content: half },
    {
      id: 'output-limit',
      title: 'Cut by length',
      words: ['Reached the output limit.', 'Continue'],
      isContinuable: true,
    },
  ),
  ended(
    {
      status: 'failed',
      content: half,
      usage: null,
      timings: null,
      error: error('idle_timeout', 'No data from the model for 60 s.'),
    },
    {
      id: 'timed-out',
      title: 'Timed out',
      words: ['No data from the model for 60 s. The text so far is kept.', 'Retry', 'Continue'],
      isContinuable: true,
    },
  ),
  ended(
    {
      status: 'failed',
      content: '',
      usage: null,
      timings: null,
      error: error('provider_rate_limited', 'The model provider is busy.'),
    },
    {
      id: 'provider-error',
      title: 'Provider error',
      words: ['The model provider is busy.', 'Details', 'Retry', 'Switch model'],
    },
  ),
  live({
    id: 'reconnecting',
    title: 'Reconnecting',
    words: ['Reconnecting. The text is safe.'],
    connections: ['open', 'reconnecting'],
  }),
  live({
    id: 'resumed',
    title: 'Resumed',
    words: ['Reconnected'],
    connections: ['open', 'reconnecting', 'open'],
  }),
  ended(
    { status: 'interrupted', content: half },
    {
      id: 'interrupted',
      title: 'Interrupted by a restart',
      words: ['The server restarted while writing. The text so far is kept.', 'Continue'],
      isContinuable: true,
    },
  ),
  {
    type: 'queue',
    id: 'queued',
    title: 'Queued',
    words: ['Queued, 1 of 2. Sent when this answer is complete.', 'Up', 'Edit', 'Remove', 'Send now'],
    pausedBy: null,
  },
  {
    type: 'queue',
    id: 'queue-paused',
    title: 'Queued, paused',
    words: ['Paused. The answer before failed.', 'Resume', 'Queued, 1 of 2.'],
    pausedBy: 'failed',
  },
  {
    type: 'queue',
    id: 'queue-away',
    title: 'Queued, server away',
    words: ['Queued, 2 of 2. Kept here until the server has it.'],
    pausedBy: null,
    isAway: true,
  },
  live({
    id: 'elsewhere',
    title: 'Running elsewhere',
    words: ['Started in another tab'],
    isFromElsewhere: true,
  }),
  ended({ content: long }, { id: 'long', title: 'Long list, table and code', words: ['Copy formatted'] }),
  ended(
    { reasoning },
    {
      id: 'completed',
      title: 'Completed',
      words: ['Thought', '12 s · $0.0031', 'Copy formatted'],
    },
  ),
  ended(
    {
      usage: {
        promptTokens: 1204,
        completionTokens: 412,
        reasoningTokens: 96,
        cachedTokens: 1024,
        costUsd: 0.0031,
        estimated: true,
      },
    },
    {
      id: 'estimated',
      title: 'Completed, figures estimated',
      words: ['≈$0.0031'],
    },
  ),
  ended(
    {
      web: 'offered',
      annotations: [
        {
          url: 'https://tides.example.org/tables',
          title: 'Tide tables',
          excerpt: 'High water comes twice a day.',
        },
        { url: 'https://harbour.example.net/log', title: '' },
        { url: 'https://www.example.com/moon', title: 'The moon and the sea' },
        { url: 'https://almanac.example.com/', title: 'Almanac' },
      ],
    },
    {
      id: 'sources',
      title: 'Completed, with sources',
      words: ['Sources: tides.example.org, harbour.example.net, example.com and 1 more'],
    },
  ),
  ended(
    { web: 'refused' },
    {
      id: 'without-web',
      title: 'Completed, no web search',
      words: ['Answered without the web: this server has no web search.'],
    },
  ),
];
