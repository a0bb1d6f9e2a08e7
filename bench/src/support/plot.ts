/** Makes the plots with Vega-Lite: one SVG per bench with stacked panels, on white for light and dark pages. */
import { type Bars, figure, type Lines, type Machine, type Plot } from './report.ts';

const ink = '#1f2937';
const rillColour = '#2563eb';
const otherColour = '#94a3b8';
const seriesColours = [
  '#2563eb',
  '#d97706',
  '#059669',
  '#7c3aed',
  '#db2777',
  '#475569',
  '#0891b2',
  '#65a30d',
  '#dc2626',
];
const panelWidth = 520;

const header = (title: string) => ({ text: title, anchor: 'start', fontSize: 13, dy: -4 });

function barPanel({ title, unit, bars }: Bars) {
  const isGrouped = bars.some(({ series }) => series !== undefined);
  const values = bars
    .filter(({ value }) => Number.isFinite(value))
    .map((bar) => ({
      ...bar,
      text: figure(bar.value),
      colour: bar.label.startsWith('Rill') ? rillColour : otherColour,
    }));
  const colour = isGrouped
    ? {
        field: 'series',
        type: 'nominal',
        sort: null,
        scale: { range: seriesColours },
        legend: { title: null, orient: 'top' },
      }
    : { field: 'colour', type: 'nominal', scale: null };
  return {
    title: header(`${title}, ${unit}`),
    width: panelWidth,
    height: { step: isGrouped ? 15 : 22, ...(isGrouped && { for: 'offset' }) },
    data: { values },
    encoding: {
      y: {
        field: 'label',
        type: 'nominal',
        sort: null,
        axis: { title: null, labelLimit: 0, ticks: false },
      },
      ...(isGrouped && { yOffset: { field: 'series', type: 'nominal', sort: null } }),
      x: { field: 'value', type: 'quantitative', axis: { title: unit } },
    },
    layer: [
      { mark: { type: 'bar' }, encoding: { color: colour } },
      {
        mark: { type: 'text', align: 'left', dx: 4, color: ink },
        encoding: { text: { field: 'text', type: 'nominal' } },
      },
    ],
  };
}

function linePanel({ title, unit, x, isLog, lines }: Lines) {
  const values = lines.flatMap(({ label, points }) =>
    points.filter((point) => Number.isFinite(point.y)).map((point) => ({ ...point, label })),
  );
  return {
    title: header(title),
    width: panelWidth,
    height: 220,
    data: { values },
    mark: { type: 'line', point: true, strokeWidth: 2 },
    encoding: {
      x: {
        field: 'x',
        type: 'quantitative',
        scale: x.isLog ? { type: 'log', nice: false } : { zero: false },
        axis: { title: x.title, ...(x.isLog && { values: [...new Set(values.map((point) => point.x))] }) },
      },
      y: {
        field: 'y',
        type: 'quantitative',
        scale: isLog ? { type: 'log' } : { zero: true },
        axis: { title: unit, format: ',~r', ...(isLog && { tickCount: 5 }) },
      },
      color: {
        field: 'label',
        type: 'nominal',
        sort: null,
        scale: { range: seriesColours },
        legend: { title: null, labelLimit: 0 },
      },
    },
  };
}

/** The Vega-Lite specification of all plots of a bench. */
export function plotSpec(name: string, plots: readonly Plot[], machine: Machine): object {
  const { cpu, cores, node, kernel, loadAverage, date, command } = machine;
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'white',
    padding: 16,
    title: {
      text: `Rill, bench:${name}`,
      subtitle: [
        `${cpu}, ${cores} cores, load ${loadAverage}, Node ${node}, Linux ${kernel}`,
        `${date} UTC, ${command}`,
      ],
      anchor: 'start',
      fontSize: 16,
      subtitleFontSize: 11,
      subtitleColor: '#4b5563',
      offset: 14,
    },
    config: {
      font: 'system-ui, sans-serif',
      axis: {
        labelColor: ink,
        titleColor: ink,
        gridColor: '#e5e7eb',
        labelFontSize: 11,
        titleFontWeight: 'normal',
      },
      title: { color: ink },
      legend: { labelColor: ink, labelFontSize: 11, labelLimit: 0 },
      view: { stroke: null },
    },
    spacing: 28,
    vconcat: plots.map((plot) => ('bars' in plot ? barPanel(plot) : linePanel(plot))),
    // Each panel has its own colours and axes.
    resolve: { scale: { color: 'independent', x: 'independent', y: 'independent' } },
  };
}

/** Draws the plots. The plotting library is a package of the bench only, so it is loaded here on demand. */
export async function drawPlots(name: string, plots: readonly Plot[], machine: Machine): Promise<string> {
  const drawing: { drawSvg(spec: object): Promise<string> } = await import(
    new URL('./drawSvg.ts', import.meta.url).href
  );
  return drawing.drawSvg(plotSpec(name, plots, machine));
}
