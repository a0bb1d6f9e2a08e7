/**
 * Reads the measured figures of docs/benchmarks, and writes the figures, the formula and the table of docs/scaling.md.
 */
import { readFileSync } from 'node:fs';
import { inRepository } from '../../../scripts/repositoryRoot.ts';
import type { Steady } from '../relay/measure.ts';
import type { Raw } from '../relay/relayResult.ts';
import { median } from '../support/statistics.ts';
import { type Assumptions, answersPerNode, assumptions, type Figures, scaleOf } from './scalingModel.ts';

export const docsPath = inRepository('docs/scaling.md');
const begin = '<!-- Written by `npm run scaling`. -->';
const end = '<!-- End of what `npm run scaling` writes. -->';

function readRaw<Measured>(name: string): Measured {
  const { raw } = JSON.parse(readFileSync(inRepository(`docs/benchmarks/${name}.json`), 'utf8'));
  return raw as Measured;
}

/**
 * The cells with the most simultaneous answers that received everything: a server that is late does less for each
 * chunk.
 */
function fullestCells({ steady }: Raw): readonly Steady[] {
  const kept = Object.entries(steady)
    .filter(([name]) => name.startsWith('postgres '))
    .map(([, cells]) => cells)
    .filter((cells) => median(cells.map(({ delivered }) => delivered)) >= 0.98);
  const streamsOf = (cells: readonly Steady[]) => cells[0]?.streams ?? 0;
  return kept.reduce((most, cells) => (streamsOf(cells) > streamsOf(most) ? cells : most), []);
}

export function readFigures(): Figures {
  const nodes = readRaw<Raw>('nodes');
  const cells = fullestCells(nodes);
  const sends = nodes.first.postgres ?? [];
  return {
    answers: cells[0]?.streams ?? 0,
    nodeUsPerChunk: median(cells.map(({ cpuUsPerChunk }) => cpuUsPerChunk)),
    postgresUsPerChunk: median(cells.map(({ databaseUsPerChunk }) => databaseUsPerChunk)),
    nodeUsPerSend: median(sends.map(({ cpuUsPerRequest }) => cpuUsPerRequest)),
    postgresUsPerSend: median(sends.map(({ databaseUsPerRequest }) => databaseUsPerRequest)),
    walBytesPerChunk: median(nodes.elsewhere.map(({ walBytes }) => walBytes)),
  };
}

const whole = (value: number): string => Math.round(value).toLocaleString('en-US');
const percent = (share: number): string => `${whole(100 * share)} %`;
const tableOf = (rows: readonly (readonly string[])[]): string =>
  rows
    .flatMap((row, index) => [
      `| ${row.join(' | ')} |`,
      ...(index === 0 ? [`|${' --- |'.repeat(row.length)}`] : []),
    ])
    .join('\n');

const figuresTable = (figures: Figures): string =>
  tableOf(
    [
      ['measured', 'here', 'from'],
      [
        'n',
        'CPU of a node for a chunk',
        `${figures.nodeUsPerChunk.toFixed(1)} µs`,
        `\`nodes.json\`, ${figures.answers} answers`,
      ],
      ['p', 'CPU of Postgres for a chunk', `${figures.postgresUsPerChunk.toFixed(1)} µs`, 'the same'],
      [
        'N',
        'CPU of a node for a send and the end of its answer',
        `${whole(figures.nodeUsPerSend)} µs`,
        '`nodes.json`, one after another',
      ],
      ['P', 'CPU of Postgres for the same', `${whole(figures.postgresUsPerSend)} µs`, 'the same'],
      [
        'w',
        'write-ahead log of a chunk',
        `${whole(figures.walBytesPerChunk)} bytes`,
        '`nodes.json`, 50 answers',
      ],
    ].map((row, index) => (index === 0 ? ['', ...row] : row)),
  );

const assumptionsTable = (assumed: Assumptions): string =>
  tableOf([
    ['', 'assumed', ''],
    ['r', 'chunks of an answer', `${assumed.chunksPerSecond} a second`],
    ['T', 'length of an answer', `${assumed.answerSeconds} s`],
    ['u', 'what may be in use of a core or a disk', percent(assumed.usableShare)],
    ['C', 'cores of Postgres', String(assumed.postgresCores)],
    [
      'W',
      'write-ahead log that its disk, standby or archive takes',
      `${whole(assumed.walBytesPerSecond / 1e6)} MB/s`,
    ],
    [
      'K',
      'connections of Postgres, and k of a node',
      `${assumed.postgresConnections}, ${assumed.connectionsPerNode}`,
    ],
  ]);

const formula = `\`\`\`text
answers of a node      S = u / (r × n + N / T)
cores of Postgres          M × S × (r × p + P / T),   full at u × C
write-ahead log            M × S × r × w,             full at u × W
connections                M × k,                     full at K
\`\`\``;

const scalesTable = (figures: Figures, assumed: Assumptions): string =>
  tableOf([
    [
      'nodes (M)',
      'answers at once',
      'cores of Postgres',
      'write-ahead log',
      'connections',
      'full first',
      'cells',
    ],
    ...[1, 3, 10, 100].map((nodes) => {
      const scale = scaleOf(nodes, figures, assumed);
      return [
        String(nodes),
        whole(scale.answers),
        `${scale.postgresCores.toFixed(1)} (${percent(scale.shares.CPU)})`,
        `${whole(scale.walBytesPerSecond / 1e6)} MB/s (${percent(scale.shares['write-ahead log'])})`,
        `${scale.connections} (${percent(scale.shares.connections)})`,
        scale.first,
        String(scale.cells),
      ];
    }),
  ]);

/** The text between the two marks. */
export function scalingText(figures: Figures, assumed: Assumptions = assumptions): string {
  const parts = [
    figuresTable(figures),
    assumptionsTable(assumed),
    formula,
    `A full node has S = ${whole(answersPerNode(figures, assumed))} answers.`,
    scalesTable(figures, assumed),
  ];
  return `${begin}\n\n${parts.join('\n\n')}\n\n${end}`;
}

/** Puts this text between the marks of the document. Errors: when it has no marks. */
export function withScalingText(document: string, text: string): string {
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error('docs/scaling.md has lost the marks around what is computed.');
  return document.slice(0, from) + text + document.slice(to + end.length);
}
