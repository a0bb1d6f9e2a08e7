/** Makes the summary table: each figure that has a target, a lower bound or a peer to compare with. */
import { figure, type SummaryRow, type Table } from './report.ts';

const ratioOf = ({ value, beside }: SummaryRow): number => value / (beside?.value ?? Number.NaN);

/** Undefined when there is no target, or nothing was measured. */
export function isMet(row: SummaryRow): boolean | undefined {
  const { target } = row;
  const measured = target?.of === 'ratio' ? ratioOf(row) : row.value;
  if (!target || Number.isNaN(measured)) return undefined;
  return (
    measured <= (target.atMost ?? Number.POSITIVE_INFINITY) &&
    measured >= (target.atLeast ?? Number.NEGATIVE_INFINITY)
  );
}

function shown({ value, unit }: SummaryRow): string {
  if (Number.isNaN(value)) return 'not in this form';
  return Number.isFinite(value) ? `${figure(value)} ${unit}`.trim() : 'never';
}

function describeTarget({ target, unit }: SummaryRow): string {
  if (!target) return '';
  const limit = target.atMost === undefined ? `≥ ${target.atLeast}` : `≤ ${target.atMost}`;
  return target.of === 'ratio' ? `${limit} ×` : `${limit} ${unit}`.trim();
}

const verdicts = new Map<boolean | undefined, string>([
  [true, 'met'],
  [false, 'MISSED'],
  [undefined, ''],
]);

export function summaryTable(rows: readonly SummaryRow[]): Table {
  return {
    title: 'Summary',
    head: ['metric', 'Rill', 'floor or peer', 'ratio', 'target', ''],
    rows: rows.map((row) => [
      row.metric,
      shown(row),
      row.beside ? `${row.beside.label} ${figure(row.beside.value)}` : '',
      row.beside ? ratioOf(row) : '',
      describeTarget(row),
      verdicts.get(isMet(row)) ?? '',
    ]),
  };
}
