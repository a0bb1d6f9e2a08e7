import { expect, test } from 'vitest';
import { plotSpec } from './plot.ts';

const machine = {
  date: '2026-01-02 03:04',
  command: 'npm run bench:log',
  node: 'v24',
  cpu: 'A CPU',
  cores: 2,
  memoryGb: 8,
  kernel: '6.1',
  loadAverage: 0.1,
};

test('a plot names its axes with units, the machine, the date and the command, on white', () => {
  const text = JSON.stringify(
    plotSpec(
      'log',
      [
        { title: 'Memory', unit: 'MB', bars: [{ label: 'Rill', value: 1 }] },
        {
          title: 'Time',
          unit: 'ms',
          x: { title: 'events', isLog: true },
          lines: [{ label: 'a', points: [{ x: 1, y: 2 }] }],
        },
      ],
      machine,
    ),
  );
  for (const part of ['"title":"MB"', '"title":"ms"', '"title":"events"', 'A CPU', '2026-01-02', 'bench:log'])
    expect(text).toContain(part);
  expect(text).toContain('"background":"white"');
});

test('a plot leaves out values that were not measured', () => {
  const bars = [
    { label: 'Rill', value: Number.NaN },
    { label: 'other', value: 2 },
  ];
  const spec = JSON.stringify(plotSpec('x', [{ title: 'T', unit: 'ms', bars }], machine));
  expect(spec).not.toContain('"label":"Rill"');
});
