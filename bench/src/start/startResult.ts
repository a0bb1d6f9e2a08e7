/** Formats the figures of the start bench as tables, plots and rows of the summary. */

import type { PageFile } from '../../../e2e/support/pageWeight.ts';
import type { BenchResult, Table } from '../support/report.ts';
import { median } from '../support/statistics.ts';
import type { Start, Starter } from './coldStart.ts';
import type { PageLoad } from './pageLoad.ts';
import type { PackageSize } from './runtimePackages.ts';

export interface StartFigures {
  readonly starters: readonly Starter[];
  readonly starts: ReadonlyMap<string, Start[]>;
  readonly loads: ReadonlyMap<string, PageLoad[]>;
  readonly files: readonly PageFile[];
  readonly packages: readonly PackageSize[];
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
const kilobytes = (bytes: number): number => bytes / 1024;
const megabytes = (bytes: number): number => bytes / 1e6;

export function startResult(figures: StartFigures): BenchResult {
  const { starters, starts, loads, files, packages } = figures;
  const at = (name: string, pick: (start: Start) => number) => median((starts.get(name) ?? []).map(pick));
  const firstText = (name: string) => at(name, ({ firstTextMs }) => firstTextMs);
  const idleRss = (name: string) => at(name, ({ idleRssMb }) => idleRssMb);
  const initial = (extension: string) =>
    kilobytes(
      sumOf(
        files
          .filter(({ isInitial, name }) => isInitial && name.endsWith(extension))
          .map(({ gzippedBytes }) => gzippedBytes),
      ),
    );
  return {
    name: 'start',
    raw: { starts: Object.fromEntries(starts), loads: Object.fromEntries(loads), files, packages },
    tables: [startsTable(starters, at), loadsTable(loads), filesTable(files), packagesTable(packages)],
    plots: [
      {
        title: 'From the start of the process',
        unit: 'ms',
        bars: starters.flatMap(({ name, label }) => [
          { label, series: 'listening', value: at(name, ({ listeningMs }) => listeningMs) },
          { label, series: 'first text of an answer', value: firstText(name) },
        ]),
      },
      {
        title: 'Memory a second after the server listens',
        unit: 'MB',
        bars: starters.map(({ name, label }) => ({ label, value: idleRss(name) })),
      },
      {
        title: 'From the address to a page that can be used, Chromium',
        unit: 'ms',
        bars: [...loads].map(([label, each]) => ({
          label,
          value: median(each.map(({ interactiveMs }) => interactiveMs)),
        })),
      },
      {
        title: 'Scripts and style sheets, gzipped',
        unit: 'KB',
        bars: files.slice(0, 15).map(({ name, isInitial, gzippedBytes }) => ({
          label: `${name}${isInitial ? '' : ' (when needed)'}`,
          value: kilobytes(gzippedBytes),
        })),
      },
    ],
    summary: [
      {
        metric: 'start: first text after process start',
        unit: 'ms',
        value: firstText('server'),
        beside: { label: 'byte pipe', value: firstText('pipe') },
        target: { of: 'value', atMost: 300 },
      },
      {
        metric: 'start: idle RSS',
        unit: 'MB',
        value: idleRss('server'),
        beside: { label: 'byte pipe', value: idleRss('pipe') },
        target: { of: 'value', atMost: 80 },
      },
      {
        metric: 'start: initial JavaScript, gzipped',
        unit: 'KB',
        value: initial('.js'),
        target: { of: 'value', atMost: 90 },
      },
      { metric: 'start: initial CSS, gzipped', unit: 'KB', value: initial('.css') },
      {
        metric: 'start: runtime packages',
        unit: 'MB',
        value: megabytes(sumOf(packages.map(({ bytes }) => bytes))),
      },
      ...[...loads].map(([name, each]) => ({
        metric: `start: page can be used, ${name}`,
        unit: 'ms',
        value: median(each.map(({ interactiveMs }) => interactiveMs)),
      })),
    ],
  };
}

const startsTable = (
  starters: readonly Starter[],
  at: (name: string, pick: (start: Start) => number) => number,
): Table => ({
  title: 'A start, from the spawn of the process; the first request is sent when it listens',
  head: ['server', 'listening ms', 'first text ms', 'CPU to listen ms', 'idle RSS MB', 'after an answer MB'],
  rows: starters.map(({ name, label }) => [
    label,
    at(name, ({ listeningMs }) => listeningMs),
    at(name, ({ firstTextMs }) => firstTextMs),
    at(name, ({ cpuToListenMs }) => cpuToListenMs),
    at(name, ({ idleRssMb }) => idleRssMb),
    at(name, ({ answeredRssMb }) => answeredRssMb),
  ]),
});

const loadsTable = (loads: StartFigures['loads']): Table => ({
  title: 'The page in Chromium, nothing cached',
  head: ['page', 'first paint ms', 'can be used ms', 'blocked ms', 'requests', 'KB on the wire'],
  rows: [...loads].map(([name, each]) => [
    name,
    median(each.map(({ firstPaintMs }) => firstPaintMs)),
    median(each.map(({ interactiveMs }) => interactiveMs)),
    median(each.map(({ blockedMs }) => blockedMs)),
    median(each.map(({ requests }) => requests)),
    median(each.map((load) => load.kilobytes)),
  ]),
});

const filesTable = (files: StartFigures['files']): Table => {
  const row = (label: string, chosen: readonly PageFile[]) => [
    label,
    chosen.length,
    kilobytes(sumOf(chosen.map(({ bytes }) => bytes))),
    kilobytes(sumOf(chosen.map(({ gzippedBytes }) => gzippedBytes))),
  ];
  const of = (isInitial: boolean, extension: string) =>
    files.filter((file) => file.isInitial === isInitial && file.name.endsWith(extension));
  return {
    title: 'What the page weighs',
    head: ['part', 'files', 'KB', 'KB gzipped'],
    rows: [
      row('initial JavaScript', of(true, '.js')),
      row('initial CSS', of(true, '.css')),
      row('JavaScript when needed', of(false, '.js')),
      row('CSS when needed', of(false, '.css')),
      ...files.slice(0, 12).map((file) => row(`  ${file.name}${file.isInitial ? ', initial' : ''}`, [file])),
    ],
  };
};

const packagesTable = (packages: StartFigures['packages']): Table => ({
  title: 'Packages that the server is made from, Node itself apart',
  head: ['package', 'MB'],
  rows: [
    [`all ${packages.length}`, megabytes(sumOf(packages.map(({ bytes }) => bytes)))],
    ...packages.slice(0, 8).map(({ name, bytes }) => [`  ${name}`, megabytes(bytes)]),
  ],
});
