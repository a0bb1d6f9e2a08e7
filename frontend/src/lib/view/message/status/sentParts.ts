/** Turns the requests of an answer's runs into its receipt; parts with equal requests are merged. */
import type { RunReceipt } from '@rill/protocol';
import { messageStrings } from '../../strings/messageStrings.ts';
import type { ReceiptRow } from './receiptRows.ts';
import { sentRows } from './sentRows.ts';

export interface SentPart {
  readonly heading: string;
  /** The project's; '' for none, null when it is not known. */
  readonly instructions: string | null;
  readonly rows: readonly ReceiptRow[];
}

/** `receipts`: of the parts of an answer, first part first. */
export function sentParts(receipts: readonly RunReceipt[]): SentPart[] {
  const { sent } = messageStrings.receipt;
  const keys = receipts.map(({ instructions, options, maxTokens, sent: fields }) =>
    JSON.stringify([instructions, fields ?? [options, maxTokens]]),
  );
  const different = receipts.flatMap((receipt, index) =>
    keys[index] === keys[index - 1] ? [] : [{ receipt, number: index + 1 }],
  );
  return different.map(({ receipt, number }) => ({
    heading: different.length === 1 ? sent.instructions : sent.instructionsOfPart(number),
    instructions: receipt.instructions,
    rows: rowsOf(receipt),
  }));
}

function rowsOf(receipt: RunReceipt): ReceiptRow[] {
  if (receipt.sent) return sentRows(receipt.sent);
  const { sent } = messageStrings.receipt;
  const { options, maxTokens } = receipt;
  const { temperature, reasoning } = options ?? {};
  const rows: readonly (readonly [string, string | null])[] = [
    [sent.temperature, temperature === undefined ? null : String(temperature)],
    [sent.maxTokens, maxTokens === null ? null : sent.tokens(maxTokens)],
    [sent.effort, reasoning?.effort ?? null],
  ];
  return rows.flatMap(([name, value]) => (value === null ? [] : [{ name, value }]));
}
