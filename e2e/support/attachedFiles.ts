/** Attaches files, finds where they are shown, and reads what the model received of them. */
import type { Locator, Page } from '@playwright/test';
import type { RecordedRequest } from '@rill/simulator';
import type { GivenFile } from './dropFiles.ts';
import type { Rill } from './startRill.ts';

export const model = 'demo/quick';

export const chipsOf = (page: Page): Locator =>
  page.locator('form').getByRole('list', { name: 'Attached files' });

export const file = (name: string, mimeType: string, content: string | Buffer): GivenFile => ({
  name,
  mimeType,
  buffer: Buffer.from(content as string),
});

export const csv = file('table.csv', 'text/csv', `city,count\n${'Göttingen,118911\r\n'.repeat(40)}`);
export const notes = file('notes.txt', 'text/plain', 'No line end at the end, a tab\tand ```a fence```');
export const markdown = file('readme.md', 'text/markdown', '# Title\n\n~~~~\ncode\n~~~~\n');
export const pdf = file(
  'paper.pdf',
  'application/pdf',
  '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj 3 0 obj<</Type/Page/Parent 2 0 R>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n',
);

type Part = { type: string; text?: string; image_url?: { url: string }; file?: { file_data: string } };

/** False for the request that names the chat. */
export const isAnswered = ({ body }: RecordedRequest): boolean =>
  (body as { stream?: boolean } | undefined)?.stream === true;

/** The parts of the last message that the provider received. */
export function lastParts({ simulator }: Rill): Part[] {
  const body = simulator.requests.findLast(isAnswered)?.body as {
    messages: { role: string; content: string | Part[] }[];
  };
  const content = body.messages.findLast(({ role }) => role === 'user')?.content ?? [];
  return typeof content === 'string' ? [{ type: 'text', text: content }] : content;
}

export const bytesOf = (dataUrl: string | undefined): Buffer =>
  Buffer.from((dataUrl ?? '').split(',')[1] ?? '', 'base64');
