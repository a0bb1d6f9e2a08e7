/**
 * Compares a server with a plain model over 10,000 random steps: sends, edits of both sides, retries, continuations,
 * stops, forks, deletions, restores and switches.
 */
import type { Chat, ChatDetail, Message, MessagesChanged, SendResult } from '@rill/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { detailOf, jsonOf, leftOpen, nothing, send } from './callServer.ts';
import { ConversationModel, turnsOf } from './conversationModel.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

const stepsPerSeed = 40;
const seeds = Array.from({ length: 250 }, (_, index) => index + 1);
const modelOf = (seed: number) => `test/seed-${seed}`;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ listedModels: seeds.map(modelOf) });
});
afterAll(async () => {
  expect(await leftOpen(server)).toEqual(nothing);
  await server.close();
});

/** From 0 to below 1, the same for the same seed. */
function randomNumbers(seed: number): () => number {
  let state = seed * 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Conversation {
  readonly path: string;
  readonly model: ConversationModel;
}

class Walk {
  readonly #random: () => number;
  readonly #modelName: string;
  readonly #conversations: Conversation[] = [];
  #textCount = 0;

  constructor(seed: number) {
    this.#random = randomNumbers(seed);
    this.#modelName = modelOf(seed);
  }

  async run(): Promise<void> {
    const { path } = await server.newChat();
    this.#conversations.push({ path, model: new ConversationModel() });
    for (let step = 0; step < stepsPerSeed; step += 1) {
      const conversation = this.#pick(this.#conversations);
      await this.#step(conversation);
      expectShown(conversation, await detailOf(server, conversation.path));
    }
    for (const conversation of this.#conversations) await expectAllReachable(conversation);
  }

  #pick<Item>(items: readonly Item[]): Item {
    const item = items[Math.floor(this.#random() * items.length)];
    if (item === undefined) throw new Error('There is nothing to pick from.');
    return item;
  }

  #text(kind: string): string {
    this.#textCount += 1;
    return `${kind}${this.#textCount}.`;
  }

  async #step(conversation: Conversation): Promise<void> {
    const { model } = conversation;
    const { shown } = model;
    const users = shown.filter(({ role }) => role === 'user');
    const answers = shown.filter(({ role }) => role === 'assistant');
    const choices: [weight: number, run: () => Promise<void>][] = [
      [shown.length > 40 ? 2 : 20, () => this.#send(conversation, model.leafId)],
      [5, () => this.#stopped(conversation)],
    ];
    if (users.length > 0) {
      choices.push([12, () => this.#send(conversation, this.#pick(users).parentId)]);
      choices.push([3, () => this.#regenerate(conversation, this.#pick(users).id)]);
    }
    if (answers.length > 0) {
      choices.push([12, () => this.#regenerate(conversation, this.#pick(answers).id)]);
      choices.push([10, () => this.#edit(conversation, this.#pick(answers).id)]);
    }
    if (shown.length > 0) {
      choices.push([6, () => this.#delete(conversation, this.#pick(shown).id)]);
      choices.push([25, () => this.#switch(conversation, this.#pick(model.versionsOf(this.#pick(shown))))]);
      choices.push([2, () => this.#fork(conversation, this.#pick(shown).id)]);
    }
    if (shown.at(-1)?.isCut) choices.push([20, () => this.#continue(conversation)]);
    if (model.restorable.length > 0)
      choices.push([6, () => this.#restore(conversation, this.#pick(model.restorable))]);
    let left = this.#random() * choices.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, run] of choices) {
      left -= weight;
      if (left < 0) return run();
    }
  }

  /** A message below `parentId`: at the end, or another version of what is there. */
  async #send({ path, model }: Conversation, parentId: string | null): Promise<void> {
    const content = this.#text('q');
    const answer = this.#text('a');
    const before = model.pathTo(parentId);
    const { message } = await this.#ask(path, answer, { content, parentId });
    this.#expectSent([...before, { role: 'user', text: content }]);
    const questionId = message.parentId ?? '';
    model.add(
      parentId,
      { id: questionId, role: 'user', text: content },
      { id: message.id, role: 'assistant', text: answer },
    );
  }

  async #stopped({ path, model }: Conversation): Promise<void> {
    const content = this.#text('q');
    const half = this.#text('half');
    const before = model.shown;
    server.simulator.nextScript(this.#modelName, [{ delta: half }, { hold: 'for ever' }]);
    const stream = await send(server, path, { content, model: this.#modelName });
    await stream.until((frame) => frame.event?.type === 'chunk');
    const { message } = await jsonOf<{ message: Message }>(server.request('POST', `${path}/cancel`, {}));
    await stream.rest();
    this.#expectSent([...before, { role: 'user', text: content }]);
    model.add(
      model.leafId,
      { id: message.parentId ?? '', role: 'user', text: content },
      { id: message.id, role: 'assistant', text: half, isCut: true },
    );
  }

  async #continue({ path, model }: Conversation): Promise<void> {
    const rest = this.#text('rest');
    const before = model.shown;
    const { message } = await this.#ask(path, rest, { continueOf: model.leafId });
    this.#expectSent(before, 'user: Your last answer was cut off');
    model.add(model.leafId, { id: message.id, role: 'assistant', text: rest });
  }

  /** Another answer to a question, named by itself or by one of its answers. */
  async #regenerate({ path, model }: Conversation, id: string): Promise<void> {
    const answer = this.#text('a');
    const { role, parentId } = model.get(id);
    const questionId = role === 'user' ? id : (parentId ?? '');
    const before = model.pathTo(questionId);
    const { message } = await this.#ask(path, answer, { regenerateOf: id });
    const isContinuation = before.at(-1)?.role === 'assistant';
    this.#expectSent(before, isContinuation ? 'user: Your last answer was cut off' : undefined);
    model.add(questionId, { id: message.id, role: 'assistant', text: answer });
  }

  async #edit({ path, model }: Conversation, id: string): Promise<void> {
    const content = this.#text('edited');
    const response = await server.request('POST', `${path}/messages/${id}/versions`, { content });
    const message = await jsonOf<Message>(response);
    expect(message).toMatchObject({ content, isEdited: true, status: 'completed' });
    model.add(model.get(id).parentId, { id: message.id, role: 'assistant', text: content });
  }

  async #switch({ path, model }: Conversation, id: string): Promise<void> {
    await server.request('PATCH', path, { activeLeafId: id });
    model.show(id);
  }

  async #delete({ path, model }: Conversation, id: string): Promise<void> {
    const response = await server.request('DELETE', `${path}/messages/${id}`);
    const { messageCount } = await jsonOf<MessagesChanged>(response);
    expect(messageCount).toBe(model.delete(id));
  }

  async #restore({ path, model }: Conversation, id: string): Promise<void> {
    await server.request('POST', `${path}/messages/${id}/restore`);
    model.restore(id);
  }

  async #fork({ path, model }: Conversation, messageId: string): Promise<void> {
    const chat = await jsonOf<Chat>(server.request('POST', `${path}/fork`, { messageId }));
    const forkPath = path.replace(/[^/]+$/, chat.id);
    const { messages } = await detailOf(server, forkPath);
    const originals = model.pathTo(messageId);
    expect(chat.forkedFrom).toMatchObject({ messageId });
    expect(messages.map(({ content }) => content)).toEqual(originals.map(({ text }) => text));
    expect(messages.every(({ copyOf }) => copyOf !== undefined)).toBe(true);
    const fork = new ConversationModel();
    for (const [index, { id, role, content }] of messages.entries())
      fork.add(messages[index - 1]?.id ?? null, {
        id,
        role,
        text: content,
        isCut: originals[index]?.isCut ?? false,
      });
    this.#conversations.push({ path: forkPath, model: fork });
  }

  async #ask(path: string, answer: string, body: object): Promise<SendResult> {
    server.simulator.nextScript(this.#modelName, [{ delta: answer }]);
    const response = await server.request('POST', `${path}/messages`, { ...body, model: this.#modelName });
    expect(response.status).toBe(200);
    return jsonOf<SendResult>(response);
  }

  /** The provider was sent exactly these messages, and after them one that starts with `last`. */
  #expectSent(messages: Parameters<typeof turnsOf>[0], last?: string): void {
    const request = server.simulator.requests.findLast(({ model }) => model === this.#modelName);
    const body = request?.body as { messages?: { role: string; content: string }[] } | undefined;
    const turns = (body?.messages ?? []).map(({ role, content }) => `${role}: ${content}`);
    if (last !== undefined) expect(turns.pop()).toContain(last);
    expect(turns).toEqual(turnsOf(messages));
  }
}

function expectShown({ model }: Conversation, detail: ChatDetail): void {
  const { shown } = model;
  expect(detail.messages.map(({ id, content }) => `${id} ${content}`)).toEqual(
    shown.map(({ id, text }) => `${id} ${text}`),
  );
  const versions = shown.map((message) => [message.id, model.versionsOf(message)] as const);
  expect(detail.siblings).toEqual(Object.fromEntries(versions.filter(([, ids]) => ids.length > 1)));
  expect(detail.deletedMessages?.map(({ messageId }) => messageId).sort()).toEqual(model.restorable.sort());
}

/** Restores what was deleted, and walks through every version from the one that is shown, as a user does. */
async function expectAllReachable({ path, model }: Conversation): Promise<void> {
  for (let detail = await detailOf(server, path); detail.deletedMessages?.[0]; ) {
    await server.request('POST', `${path}/messages/${detail.deletedMessages[0].messageId}/restore`);
    detail = await detailOf(server, path);
  }
  expect([...(await reach(path))].sort()).toEqual([...model.messages.keys()].sort());
}

async function reach(path: string): Promise<Set<string>> {
  const reached = new Set<string>();
  const open: string[] = [];
  let detail = await detailOf(server, path);
  for (;;) {
    for (const { id } of detail.messages) reached.add(id);
    open.push(...Object.values(detail.siblings).flat());
    let next = open.pop();
    while (next !== undefined && reached.has(next)) next = open.pop();
    if (next === undefined) return reached;
    await server.request('PATCH', path, { activeLeafId: next });
    detail = await detailOf(server, path);
  }
}

it.concurrent.each(seeds)(
  'every message that was ever shown is reachable, and what is sent is what is shown (seed %i)',
  (seed) => new Walk(seed).run(),
  120_000,
);
