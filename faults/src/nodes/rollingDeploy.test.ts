/** Restarts three nodes behind nginx one after the other, in the middle of many answers to the real client. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRillClient, type RillClient } from '@rill/client/source';
import type { ChatDetail } from '@rill/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPostgres } from '../../../backend/test/postgres/postgresTestDatabase.ts';
import { isInstalled } from '../../../backend/test/proxies/proxyProgram.ts';
import { type Cluster, openCluster } from './cluster.ts';

/** Number of answers that are being written at any time. */
const answersAtOnce = 100;
const sentAtOnce = 10;
const tokensPerSecond = 15;
const timeout = 240_000;

describeWithPostgres('a rolling deploy of three nodes behind nginx', () => {
  let logFolder: string;
  let cluster: Cluster;
  let rill: RillClient;
  beforeAll(async () => {
    logFolder = mkdtempSync(join(tmpdir(), 'rill-deploy-'));
    cluster = await openCluster({
      nodeCount: 3,
      maxRuns: 4 * answersAtOnce,
      random: Math.random,
      logFolder,
    });
    rill = createRillClient({ baseUrl: `http://127.0.0.1:${cluster.nginx?.port}`, environment: null });
  }, timeout);
  afterAll(async () => {
    await cluster.close();
    rmSync(logFolder, { recursive: true, force: true });
  }, timeout);

  const scriptOf = (name: string) => Array.from({ length: 10 }, (_, word) => `${name}-${word} `).join('');

  /** Sends once and returns all text that was shown, which may only grow. Calls `onTaken` once a node answers. */
  async function ask(chatId: string, name: string, onTaken: () => void = () => undefined): Promise<string> {
    const model = `~deploy/${name}`;
    cluster.simulator.script(model, [{ text: scriptOf(name), tokensPerSecond }, { finish: 'stop' }]);
    const { projectId } = cluster;
    const events = rill.sendMessageStream({ projectId, chatId, model, content: `Ask ${name}` });
    let shown = '';
    for await (const event of events) {
      if (event.type !== 'frame') continue;
      onTaken();
      expect(event.view.content.startsWith(shown)).toBe(true);
      shown = event.view.content;
    }
    return shown;
  }

  it('is installed', () => expect(isInstalled('nginx')).toBe(true));

  it('loses, repeats and shortens none of a hundred answers at the same time', { timeout }, async () => {
    const chatIds = await Promise.all(Array.from({ length: answersAtOnce }, () => cluster.newChat()));
    const state = { isOver: false };
    const asked: { readonly chatId: string; readonly name: string; readonly shown: string }[] = [];
    const write = async (chatId: string, lane: number, onTaken: () => void): Promise<void> => {
      for (let turn = 0; turn === 0 || !state.isOver; turn += 1) {
        const name = `${lane}.${turn}`;
        asked.push({ chatId, name, shown: await ask(chatId, name, onTaken) });
      }
    };
    const lanes: Promise<void>[] = [];
    for (let first = 0; first < answersAtOnce; first += sentAtOnce) {
      const begun = chatIds.slice(first, first + sentAtOnce).map((chatId, index) => {
        const taken = Promise.withResolvers<void>();
        const lane = write(chatId, first + index, taken.resolve);
        lanes.push(lane);
        return Promise.race([lane, taken.promise]);
      });
      await Promise.all(begun);
    }
    const all = Promise.all(lanes);
    for (const { server } of cluster.nodes) {
      server.kill('SIGTERM');
      expect(await server.ended()).toBe(0);
      await server.start();
    }
    state.isOver = true;
    await all;
    for (const { name, shown } of asked) expect(shown).toBe(scriptOf(name));
    const details = await Promise.all(chatIds.map(detailOf));
    for (const [index, detail] of details.entries()) {
      const names = asked.filter(({ chatId }) => chatId === chatIds[index]).map(({ name }) => name);
      const answers = detail.messages.filter(({ role }) => role === 'assistant');
      expect(answers.map(({ content }) => content)).toEqual(names.map(scriptOf));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(['completed']));
    }
    const calls = cluster.simulator.requests.filter(({ model }) => model?.startsWith('~deploy/'));
    expect(calls).toHaveLength(asked.length);
    const [row] = await cluster.rows<{ count: string }>('SELECT count(*) FROM runs');
    expect(Number(row?.count)).toBe(asked.length);
  });

  const detailOf = async (chatId: string): Promise<ChatDetail> => {
    const [detail] = await cluster.chatEverywhere(chatId);
    if (!detail) throw new Error('No node has the chat.');
    return detail;
  };

  it('runs two versions together while the newer one only adds, and stops the older one when it cannot use the change', {
    timeout,
  }, async () => {
    const [first, second] = cluster.nodes;
    if (!first || !second) throw new Error('There are no nodes.');
    const chatId = await cluster.newChat();
    const before = ask(chatId, 'before');
    // The first node of a newer version does the same.
    for (const table of ['projects', 'chats', 'messages', 'runs'])
      await cluster.rows(`ALTER TABLE ${table} ADD COLUMN later_text text`);
    await cluster.rows("INSERT INTO kysely_migration VALUES ('9999-later', 'now')");
    expect(await before).toBe(scriptOf('before'));
    first.server.kill('SIGTERM');
    await first.server.ended();
    await first.server.start();
    expect(await ask(chatId, 'between')).toBe(scriptOf('between'));
    await cluster.rows("UPDATE rill_meta SET oldest_release = '99.0.0'");
    first.server.kill('SIGTERM');
    await first.server.ended();
    await expect(first.server.start()).rejects.toThrow(
      'This database was made by a newer version of Rill and needs at least 99.0.0',
    );
    expect(await second.server.ended()).toBe(1);
  });
});
