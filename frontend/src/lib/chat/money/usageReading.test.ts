import type { UsageReport } from '@rill/protocol';
import { expect, it } from 'vitest';
import { UsageReading } from './usageReading.svelte.ts';

interface Asked {
  readonly by: UsageReport['by'];
  readonly from: string;
  readonly answer: (report: UsageReport) => void;
  readonly fail: () => void;
}

function openReading() {
  const asked: Asked[] = [];
  const reading = new UsageReading(
    {
      getUsage: ({ by, from }) =>
        new Promise((answer, reject) =>
          asked.push({ by, from, answer, fail: () => reject(new Error('No.')) }),
        ),
    },
    'UTC',
  );
  const answerAll = (all: readonly Asked[]) => {
    for (const { by, from, answer } of all) answer({ by, from, groups: [] } as unknown as UsageReport);
  };
  return { asked, reading, answerAll };
}

const nowMs = Date.parse('2026-03-10T12:00:00Z');

it('shows the three reports of a period together', async () => {
  const { asked, reading, answerAll } = openReading();
  const read = reading.read('week', nowMs);
  expect(asked.map(({ by, from }) => [by, from])).toEqual([
    ['day', '2026-03-04'],
    ['project', '2026-03-04'],
    ['model', '2026-03-04'],
  ]);
  answerAll(asked.slice(0, 2));
  expect(reading.reports).toBeNull();
  answerAll(asked);
  await read;
  expect(reading.reports?.model.by).toBe('model');
});

it('shows the period that was requested last, whichever arrives last', async () => {
  const { asked, reading, answerAll } = openReading();
  const first = reading.read('week', nowMs);
  const second = reading.read('year', nowMs);
  answerAll(asked.slice(3));
  await second;
  answerAll(asked.slice(0, 3));
  await first;
  expect(reading.reports?.day.from).toBe('2025-03-11');
});

it('keeps what it has when a later period cannot be read, and reports it', async () => {
  const { asked, reading, answerAll } = openReading();
  const first = reading.read('week', nowMs);
  answerAll(asked);
  await first;
  const second = reading.read('year', nowMs);
  asked.at(-1)?.fail();
  await second;
  expect([reading.hasFailed, reading.reports?.day.from]).toEqual([true, '2026-03-04']);
});
