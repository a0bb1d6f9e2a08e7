/** Turns the fields of a provider's request into rows. A field without a label keeps its name. */
import type { RunReceipt } from '@rill/protocol';
import { formatCount } from '../../strings/format.ts';
import { sentStrings } from '../../strings/sentStrings.ts';
import type { ReceiptRow } from './receiptRows.ts';

/** Fields that are the same in every request: how the answer is delivered. */
const ofDelivery = new Set(['stream', 'stream_options']);
const maxValueLength = 200;

export function sentRows(sent: NonNullable<RunReceipt['sent']>): ReceiptRow[] {
  return Object.entries(sent).flatMap(([field, value]) =>
    ofDelivery.has(field) ? [] : rowsOfField(field, value),
  );
}

function rowsOfField(field: string, value: unknown): ReceiptRow[] {
  const known = sentStrings.fields[field];
  const parts = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  if (parts && (field === 'provider' || field === 'reasoning'))
    return Object.entries(parts).flatMap(([part, each]) => rowsOfField(`${field}.${part}`, each));
  return [{ name: known ?? field, value: wordsOf(field, value) }];
}

function wordsOf(field: string, value: unknown): string {
  if (typeof value === 'number' && field.endsWith('tokens')) return sentStrings.tokens(formatCount(value));
  if (value === true) return sentStrings.yes;
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.map((each) => nameOf(each)).join(', ');
  return JSON.stringify(value).slice(0, maxValueLength);
}

/** A tool or a plugin by its name, any other value as it is, with line breaks that can be seen. */
function nameOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value).replaceAll('\n', '\\n');
  const { type, id, pdf }: { type?: unknown; id?: unknown; pdf?: { engine?: unknown } } = value;
  const name = [type, id].find((each) => typeof each === 'string');
  if (name === undefined) return JSON.stringify(value).slice(0, maxValueLength);
  // The service that read the files shows whether that cost anything.
  return typeof pdf?.engine === 'string' ? `${String(name)}: ${pdf.engine}` : String(name);
}
