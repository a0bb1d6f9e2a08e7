/**
 * `npm run bench:start`: measures a cold start to the first text, the installed size, the page's weight, and when it is
 * usable.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { weighPage } from '../../../e2e/support/pageWeight.ts';
import { inRepository } from '../../../scripts/repositoryRoot.ts';
import {
  chatId,
  fillDatabase,
  fillLongAnswers,
  longAnswersChat,
  longAnswersMessages,
  longChat,
  longChatMessages,
  makeDatabase,
  messagesPerChat,
  projectId,
} from '../grow/fillDatabase.ts';
import { createDocument } from '../markdown/documents.ts';
import type { BenchArguments } from '../support/benchArguments.ts';
import { openBrowser } from '../support/browser.ts';
import { startChild } from '../support/child.ts';
import { leaveServerCore, restCore } from '../support/cores.ts';
import { note } from '../support/report.ts';
import { postJson, startRill } from '../support/rillServer.ts';
import { alternating, median } from '../support/statistics.ts';
import { pipeStarter, rillStarter, type Start, type Starter } from './coldStart.ts';
import { loadPage, type PageLoad } from './pageLoad.ts';
import { measurePackages } from './runtimePackages.ts';
import { startResult } from './startResult.ts';

/** The text of the last message of every chat. */
const last = 'keep the one that is';
const longAnswerCharacters = 4000;

const sizes = { quick: { starts: 2, loads: 2 }, full: { starts: 15, loads: 9 } };

export async function startBench({ isQuick, rounds }: BenchArguments) {
  const size = isQuick ? sizes.quick : sizes.full;
  const folder = await mkdtemp(join(tmpdir(), 'rill-bench-start-'));
  const upstream = await startChild({ entry: 'support/upstream.ts', ...restCore });
  try {
    await upstream.ask({ pace: { perSecond: 1000, count: 1 } });
    // The browser starts first, while this process still has both cores, and keeps them.
    const loads = await measureLoads(folder, upstream.ready, rounds ?? size.loads);
    leaveServerCore();
    const starters = await makeStarters(folder, upstream.ready);
    const starts = new Map<string, Start[]>(starters.map(({ name }) => [name, []]));
    for (const { name, start } of alternating(starters, rounds ?? size.starts)) {
      const measured = await start();
      note(`${name}: first text after ${measured.firstTextMs.toFixed(0)} ms`);
      starts.get(name)?.push(measured);
    }
    const files = weighPage(inRepository('frontend/dist'));
    return startResult({ starters, starts, loads, files, packages: measurePackages(inRepository()) });
  } finally {
    await upstream.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function makeStarters(parent: string, upstreamUrl: string): Promise<Starter[]> {
  const folder = join(parent, 'empty');
  await mkdir(folder);
  const server = await startRill({ folder, upstreamUrl });
  const { projects } = await (await fetch(`${server.ready}/api/projects`)).json();
  const chats = `/api/projects/${projects[0].id}/chats`;
  const { id } = await postJson<{ id: string }>(server.ready + chats, {});
  await server.stop();
  const options = { folder, upstreamUrl, chatPath: `${chats}/${id}` };
  return [
    pipeStarter(upstreamUrl),
    rillStarter('server', 'Rill, as npm start runs it', options),
    rillStarter('uncompiled', 'Rill, without what Node compiled before', {
      ...options,
      environment: { NODE_DISABLE_COMPILE_CACHE: '1' },
    }),
    rillStarter('sources', 'Rill, backend/src/main.ts', {
      ...options,
      entry: inRepository('backend/src/main.ts'),
    }),
  ];
}

async function measureLoads(
  parent: string,
  upstreamUrl: string,
  rounds: number,
): Promise<Map<string, PageLoad[]>> {
  const [empty, filled] = [join(parent, 'no-chats'), join(parent, 'chats')];
  for (const folder of [empty, filled]) await mkdir(folder);
  await makeDatabase(filled);
  fillDatabase(filled, 0, 200);
  fillLongAnswers(filled, `${createDocument('mixed', longAnswerCharacters)}\n\n${last}`);
  const browser = await openBrowser();
  try {
    const emptyServer = await startRill({ folder: empty, upstreamUrl });
    const filledServer = await startRill({ folder: filled, upstreamUrl });
    try {
      const chatUrl = (chat: number) =>
        `${filledServer.ready}/projects/${projectId(0)}/chats/${chatId(chat)}`;
      const pages = [
        { name: 'empty workspace', url: emptyServer.ready, lastText: null },
        { name: `a chat of ${messagesPerChat} messages`, url: chatUrl(0), lastText: last },
        { name: `a chat of ${longChatMessages} messages`, url: chatUrl(longChat), lastText: last },
        {
          name: `a chat of ${longAnswersMessages} messages, answers of ${longAnswerCharacters} characters`,
          url: chatUrl(longAnswersChat),
          lastText: last,
        },
      ];
      const loads = new Map<string, PageLoad[]>(pages.map(({ name }) => [name, []]));
      // The first load of a browser and a server is not counted.
      for (const { url, lastText } of pages) await loadPage(browser, url, lastText);
      for (const { name, url, lastText } of alternating(pages, rounds))
        loads.get(name)?.push(await loadPage(browser, url, lastText));
      for (const [name, each] of loads)
        note(
          `${name}: interactive after ${median(each.map(({ interactiveMs }) => interactiveMs)).toFixed(0)} ms`,
        );
      return loads;
    } finally {
      await emptyServer.stop();
      await filledServer.stop();
    }
  } finally {
    await browser.close();
  }
}
