/** `npm run bench:resume`: measures how soon a reconnecting reader has all text, alone and with a thousand others. */
import type { BenchArguments } from '../support/benchArguments.ts';
import { cpuUs } from '../support/processFigures.ts';
import { type BenchResult, note, type Plot, type SummaryRow, type Table } from '../support/report.ts';
import { median, percentile } from '../support/statistics.ts';
import type { AttachAnswer } from './clients.ts';
import { type Answered, Stage } from './stage.ts';

const sizes = {
  quick: { rounds: 2, attaches: 8, crowd: 1000, crowdRounds: 1 },
  full: { rounds: 6, attaches: 30, crowd: 1000, crowdRounds: 3 },
};
type Size = (typeof sizes)['full'];

const kilobyte = 1024;
const lengths = [kilobyte, 10 * kilobyte, 100 * kilobyte, 1024 * kilobyte];
const nameOf = (length: number): string =>
  length >= 1024 * kilobyte ? `${length / 1024 / kilobyte} MB` : `${length / kilobyte} KB`;

interface Attached {
  readonly answers: readonly AttachAnswer[];
  readonly serverCpuMs: number;
}

interface Crowd {
  readonly answers: readonly AttachAnswer[];
  readonly serverCpuMs: number;
  /** Time until the server was ready again; 0 when it was not restarted. */
  readonly restartMs: number;
}

const scenes = ['hot', 'old'] as const;
type Scene = (typeof scenes)[number];
const sceneNames = { hot: 'live in this process', old: 'ended, fresh process' };

const crowdNames = {
  hot: 'lines cut, runs live, over 1 s',
  deploy: 'server killed and started, over 1 s',
  burst: 'server killed and started, all at once',
};
type CrowdName = keyof typeof crowdNames;

export async function resumeBench({ isQuick, rounds }: BenchArguments): Promise<BenchResult> {
  const size = isQuick ? sizes.quick : sizes.full;
  const attached = new Map<string, Attached[]>();
  const firstMs: number[] = [];
  await measureAlone({ ...size, rounds: rounds ?? size.rounds }, attached, firstMs);
  const crowds = new Map<CrowdName, Crowd[]>();
  for (let round = 0; round < size.crowdRounds; round += 1) await measureCrowds(size.crowd, crowds);
  return {
    name: 'resume',
    raw: { attached: Object.fromEntries(attached), firstMs, crowds: Object.fromEntries(crowds) },
    tables: [aloneTable(attached, firstMs), crowdTable(crowds)],
    plots: plotsOf(attached, crowds),
    summary: summaryOf(attached, crowds),
  };
}

const keyOf = (scene: Scene, length: number) => `${scene} ${length}`;

/** Measured separately, because a fresh process compiles its code at the first requests. */
async function measureFirst(stage: Stage, answered: Answered | undefined): Promise<number> {
  if (!answered) return Number.NaN;
  const [answer] = await stage.attach({ targets: [stage.resume(answered, kilobyte, false)] });
  return answer?.caughtUpMs ?? Number.POSITIVE_INFINITY;
}

async function measureEach(
  stage: Stage,
  scene: Scene,
  length: number,
  answered: readonly Answered[] = [],
): Promise<Attached> {
  const { pid } = stage.server;
  const targets = answered.map((each) => stage.resume(each, length, scene === 'hot'));
  const cpuBefore = cpuUs(pid);
  const answers = await stage.attach({ targets });
  const serverCpuMs = (cpuUs(pid) - cpuBefore) / 1000 / answers.length;
  note(
    `${scene}, ${nameOf(length)}: ${median(timesOf(answers)).toFixed(2)} ms, server CPU ${serverCpuMs.toFixed(2)} ms`,
  );
  return { answers, serverCpuMs };
}

async function measureAlone(size: Size, attached: Map<string, Attached[]>, firstMs: number[]): Promise<void> {
  const stage = await Stage.open();
  const keep = (scene: Scene, length: number, each: Attached) =>
    attached.set(keyOf(scene, length), [...(attached.get(keyOf(scene, length)) ?? []), each]);
  try {
    await stage.restart();
    const ended = new Map<number, Answered[]>();
    for (const length of lengths) ended.set(length, await stage.answers(size.attaches, length, false));
    for (let round = 0; round < size.rounds; round += 1) {
      await stage.restart();
      firstMs.push(await measureFirst(stage, ended.get(kilobyte)?.[0]));
      const order = round % 2 === 0 ? lengths : lengths.toReversed();
      for (const length of order)
        keep('old', length, await measureEach(stage, 'old', length, ended.get(length)));
      for (const length of order) {
        const [live] = await stage.answers(1, length, true);
        const targets = live && Array.from({ length: size.attaches }, () => live);
        keep('hot', length, await measureEach(stage, 'hot', length, targets));
      }
    }
  } finally {
    await stage.close();
  }
}

async function measureCrowds(crowd: number, crowds: Map<CrowdName, Crowd[]>): Promise<void> {
  const length = 4 * kilobyte;
  const stage = await Stage.open();
  const measure = async (name: CrowdName, targets: readonly Answered[], restartMs: number) => {
    const { pid } = stage.server;
    const cpuBefore = cpuUs(pid);
    const answers = await stage.attach({
      targets: targets.map((target) => stage.resume(target, name === 'hot' ? length : null, name === 'hot')),
      overMs: name === 'burst' ? 0 : 1000,
    });
    const serverCpuMs = (cpuUs(pid) - cpuBefore) / 1000;
    crowds.set(name, [...(crowds.get(name) ?? []), { answers, serverCpuMs, restartMs }]);
    for (const failure of new Set(answers.flatMap((answer) => answer.failure ?? [])))
      note(`${crowdNames[name]}: ${failure}`);
    note(`${crowdNames[name]}: p99 ${percentile(timesOf(answers), 0.99).toFixed(0)} ms`);
  };
  try {
    await stage.restart();
    const live = await stage.answers(crowd, length, true);
    await measure('hot', live, 0);
    await measure('deploy', live, await stage.restart());
    await measure('burst', live, await stage.restart());
  } finally {
    await stage.close();
  }
}

const timesOf = (answers: readonly AttachAnswer[]): number[] =>
  answers.map(({ caughtUpMs }) => caughtUpMs ?? Number.POSITIVE_INFINITY);

function aloneTable(attached: ReadonlyMap<string, Attached[]>, firstMs: readonly number[]): Table {
  return {
    title: `One reader after another, from the start of the answer (the first of a fresh process: ${median(firstMs).toFixed(1)} ms)`,
    head: [
      'the run is',
      'answer',
      'caught up p50 ms',
      'p95',
      'ended p50 ms',
      'server CPU ms',
      'text frames',
      'KB on the wire',
    ],
    rows: scenes.flatMap((scene) =>
      lengths.map((length) => {
        const found = attached.get(keyOf(scene, length)) ?? [];
        const answers = found.flatMap((each) => each.answers);
        return [
          sceneNames[scene],
          nameOf(length),
          median(timesOf(answers)),
          percentile(timesOf(answers), 0.95),
          median(answers.map(({ endedMs }) => endedMs ?? Number.NaN)),
          median(found.map(({ serverCpuMs }) => serverCpuMs)),
          median(answers.map((answer) => textFrames(scene, answer))),
          median(answers.map(({ wireBytes }) => wireBytes)) / 1024,
        ];
      }),
    ),
  };
}

/** Number of text frames: all but `run-start` and, for an ended run, the terminal frame. */
const textFrames = (scene: Scene, { frameCount }: AttachAnswer): number =>
  frameCount - (scene === 'old' ? 2 : 1);

function crowdTable(crowds: ReadonlyMap<CrowdName, Crowd[]>): Table {
  return {
    title: '1,000 readers come back to 1,000 answers of 4 KB',
    head: ['scene', 'served', 'p50 ms', 'p95', 'p99', 'max', 'server CPU ms', 'ready after ms'],
    rows: [...crowds].map(([name, found]) => {
      const each = (share: number) => median(found.map(({ answers }) => percentile(timesOf(answers), share)));
      return [
        crowdNames[name],
        Math.min(
          ...found.map(({ answers }) => answers.filter(({ caughtUpMs }) => caughtUpMs !== null).length),
        ),
        each(0.5),
        each(0.95),
        each(0.99),
        each(1),
        median(found.map(({ serverCpuMs }) => serverCpuMs)),
        median(found.map(({ restartMs }) => restartMs)),
      ];
    }),
  };
}

function plotsOf(attached: ReadonlyMap<string, Attached[]>, crowds: ReadonlyMap<CrowdName, Crowd[]>): Plot[] {
  const lineOf = (label: string, scene: Scene, y: (found: readonly Attached[]) => number) => ({
    label,
    points: lengths.map((length) => ({
      x: length / kilobyte,
      y: y(attached.get(keyOf(scene, length)) ?? []),
    })),
  });
  const caughtUp = (found: readonly Attached[]) =>
    median(timesOf(found.flatMap(({ answers }) => [...answers])));
  const cpu = (found: readonly Attached[]) => median(found.map(({ serverCpuMs }) => serverCpuMs));
  return [
    {
      title: 'One reader that comes back: time until it has all text, p50',
      unit: 'ms',
      x: { title: 'text of the answer, KB', isLog: true },
      isLog: true,
      lines: scenes.flatMap((scene) => [
        lineOf(sceneNames[scene], scene, caughtUp),
        lineOf(`server CPU, ${sceneNames[scene]}`, scene, cpu),
      ]),
    },
    {
      title: '1,000 readers come back: time until they have all text',
      unit: 'ms',
      bars: [...crowds].flatMap(([name, found]) =>
        [0.5, 0.95, 0.99].map((share) => ({
          label: crowdNames[name],
          series: `p${share * 100}`,
          value: median(found.map(({ answers }) => percentile(timesOf(answers), share))),
        })),
      ),
    },
  ];
}

function summaryOf(
  attached: ReadonlyMap<string, Attached[]>,
  crowds: ReadonlyMap<CrowdName, Crowd[]>,
): SummaryRow[] {
  const largest = lengths.at(-1) ?? 0;
  const alone = scenes.flatMap((scene): SummaryRow[] => {
    const found = attached.get(keyOf(scene, largest)) ?? [];
    const frames = found.flatMap(({ answers }) => answers.map((answer) => textFrames(scene, answer)));
    return [
      {
        metric: `resume: server CPU for 1 MB, ${sceneNames[scene]}`,
        unit: 'ms',
        value: median(found.map(({ serverCpuMs }) => serverCpuMs)),
        target: { of: 'value', atMost: 15 },
      },
      {
        metric: `resume: frames with text for 1 MB, ${sceneNames[scene]}`,
        unit: '',
        value: median(frames),
        target: { of: 'value', atMost: 1 },
      },
    ];
  });
  const together = [...crowds].map(([name, found]): SummaryRow => {
    const p99 = median(found.map(({ answers }) => percentile(timesOf(answers), 0.99)));
    return {
      metric: `resume: 1,000 readers, ${crowdNames[name]}, p99`,
      unit: 'ms',
      value: p99,
      target: { of: 'value', atMost: 1000 },
    };
  });
  return [...alone, ...together];
}
