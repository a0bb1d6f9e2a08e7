/**
 * Tests Chromium's print of a long chat, read from the PDF: all of it, on light paper, with no line that leaves the
 * page.
 */
import type { ImportItem, ImportJob } from '@rill/protocol';
import { sampleConversation } from '../backend/test/exportArchive.ts';
import { ChatPage } from './support/chatPage.ts';
import { type PdfRun, readPdf, withoutSpace } from './support/readPdf.ts';
import { expect, test } from './support/rillTest.ts';

const turnCount = 100;
const longLine = (turn: number) => `const code${turn} = "${'wide '.repeat(60)}end${turn}";`;
const address = (turn: number) => `https://docs.example/page/${turn}`;
const answer = (turn: number) =>
  [
    `Answer ${turn} begins. See [the docs](${address(turn)}).`,
    `| a | b |\n| --- | --- |\n| cell ${turn} | ${'x'.repeat(200)}end${turn} |`,
    `\`\`\`js\n${longLine(turn)}\n\`\`\``,
    `Answer ${turn} ends.`,
  ].join('\n\n');

/** Stores a chat of 200 messages, and returns the path of its page. */
async function importLongChat(url: string): Promise<string> {
  const body = JSON.stringify([sampleConversation(0, turnCount, answer)]);
  const call = async <Result>(path: string, options: RequestInit = {}) =>
    (await (await fetch(url + path, options)).json()) as Result;
  const headers = { 'content-type': 'application/json' };
  const { id } = await call<ImportJob>('/api/import?name=chats.json&start=true', {
    method: 'POST',
    headers,
    body,
  });
  await expect.poll(async () => (await call<ImportJob>(`/api/import/${id}`)).state).toBe('completed');
  const [item] = (await call<{ items: ImportItem[] }>(`/api/import/${id}/report`)).items;
  return `/projects/${item?.projectId}/chats/${item?.chatId}`;
}

for (const colorScheme of ['light', 'dark'] as const)
  test(`a print of 200 messages has all of them, dark on light and within the page, ${colorScheme}`, async ({
    page,
    rill,
  }) => {
    await page.emulateMedia({ colorScheme });
    const chat = new ChatPage(page);
    await chat.open(await importLongChat(rill.url));
    await expect(chat.lastAnswer).toContainText(`Answer ${turnCount - 1} ends.`);
    const { pages, runs, letters } = readPdf(await page.pdf({ printBackground: true }));
    expect(pages.length).toBeGreaterThan(turnCount / 10);
    let at = 0;
    for (let turn = 0; turn < turnCount; turn += 1)
      for (const part of [
        `Question ${turn} of conversation 0`,
        `Answer ${turn} begins. See the docs (${address(turn)}).`,
        `cell ${turn}`,
        `${'x'.repeat(200)}end${turn}`,
        longLine(turn),
        `Answer ${turn} ends.`,
      ]) {
        const found = letters.indexOf(withoutSpace(part), at);
        expect(found, part).toBeGreaterThanOrEqual(at);
        at = found + withoutSpace(part).length;
      }
    const { widthPt = 0, heightPt = 0 } = pages[0] ?? {};
    const isOnPage = ({ startX, endX, y }: PdfRun) => startX >= 0 && endX <= widthPt && y > 0 && y < heightPt;
    expect(runs.filter((run) => !isOnPage(run))).toEqual([]);
    expect(runs.filter(({ lightness }) => lightness > 0.6)).toEqual([]);
    expect(letters).not.toMatch(/Sendmessage|Newchat|Settings|Copy/);
    expect(chat.complaints).toEqual([]);
  });
