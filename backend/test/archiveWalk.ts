/** Does things to a server as a user does, chosen by numbers from 0 to 1. */
import type { Chat, Message, Project } from '@rill/protocol';
import { expect } from 'vitest';
import { detailOf, jsonOf } from './callServer.ts';
import type { TestServer } from './startTestServer.ts';

export class ArchiveWalk {
  readonly #server: TestServer;
  readonly #numbers: readonly number[];
  #at = 0;
  #chats: Chat[] = [];

  constructor(server: TestServer, numbers: readonly number[]) {
    this.#server = server;
    this.#numbers = numbers;
  }

  #pick<Item>(items: readonly Item[]): Item {
    this.#at += 1;
    const number = this.#numbers[this.#at % this.#numbers.length] ?? 0;
    const item = items[Math.min(Math.floor(number * items.length), items.length - 1)];
    if (item === undefined) throw new Error('There is nothing to pick from.');
    return item;
  }

  readonly #call = async <Body>(method: string, path: string, body?: object, headers = {}): Promise<Body> => {
    const response = await this.#server.request(method, path, body, headers);
    expect(response.status, `${method} ${path}`).toBeLessThan(300);
    return response.status === 204 ? (null as Body) : jsonOf<Body>(response);
  };

  readonly #pathOf = ({ id, projectId }: Chat) => `/api/projects/${projectId}/chats/${id}`;

  async run(steps: number): Promise<void> {
    await this.#chat();
    for (let step = 0; step < steps; step += 1) {
      const work = this.#pick([
        this.#chat,
        this.#project,
        this.#send,
        this.#send,
        this.#regenerate,
        this.#edit,
        this.#delete,
        this.#fork,
        this.#mark,
        this.#draft,
        this.#rename,
      ]);
      await work();
    }
  }

  readonly #chat = async () => {
    const { projects } = await this.#call<{ projects: Project[] }>('GET', '/api/projects');
    const { id } = this.#pick(projects);
    this.#chats.push(await this.#call<Chat>('POST', `/api/projects/${id}/chats`, {}));
    await this.#send();
  };

  readonly #project = async () => {
    const systemPrompt = this.#pick(['', 'Answer in rhyme.\u2028"\\\n</script>', '🪁 é ü']);
    const options = this.#pick([{ temperature: 0.1, stop: ['a'] }, {}]);
    const { id } = await this.#call<Project>('POST', '/api/projects', {
      name: 'Made',
      systemPrompt,
      options,
    });
    await this.#call('PUT', `/api/projects/${id}/draft`, {
      content: 'Later',
      baseRevision: 0,
      writer: 'tab',
    });
  };

  readonly #send = async () => {
    const content = this.#pick([
      'Hello',
      '__proto__',
      '```js\nlet a = 1;\n```\n\u0000end',
      '日本語 '.repeat(3000),
    ]);
    await this.#call('POST', `${this.#pathOf(this.#pick(this.#chats))}/messages`, { content });
  };

  readonly #message = async (role: Message['role']): Promise<{ path: string; message: Message } | null> => {
    const path = this.#pathOf(this.#pick(this.#chats));
    const messages = (await detailOf(this.#server, path)).messages.filter((each) => each.role === role);
    return messages.length > 0 ? { path, message: this.#pick(messages) } : null;
  };

  readonly #regenerate = async () => {
    const found = await this.#message('assistant');
    if (found) await this.#call('POST', `${found.path}/messages`, { regenerateOf: found.message.id });
  };

  readonly #edit = async () => {
    const found = await this.#message('assistant');
    if (!found) return;
    await this.#call('POST', `${found.path}/messages/${found.message.id}/versions`, { content: 'Mine' });
  };

  readonly #delete = async () => {
    const found = await this.#message(this.#pick(['user', 'assistant']));
    if (found) await this.#call('DELETE', `${found.path}/messages/${found.message.id}`);
  };

  readonly #fork = async () => {
    const found = await this.#message('assistant');
    if (!found) return;
    const { path, message } = found;
    this.#chats.push(await this.#call<Chat>('POST', `${path}/fork`, { messageId: message.id }));
  };

  readonly #mark = async () => {
    const found = await this.#message('user');
    if (!found) return;
    const mark = this.#pick(['pinned', 'kept-out', null]);
    await this.#call('PUT', `${found.path}/messages/${found.message.id}/mark`, { mark });
  };

  readonly #draft = async () => {
    const path = this.#pathOf(this.#pick(this.#chats));
    await this.#call('PUT', `${path}/draft`, { content: 'Half a thought', baseRevision: 0, writer: 'tab' });
  };

  readonly #rename = async () => {
    const chat = this.#pick(this.#chats);
    await this.#call('PATCH', this.#pathOf(chat), { title: this.#pick(['A', 'Ü/..\\"']) });
    const { projects } = await this.#call<{ projects: Project[] }>('GET', '/api/projects');
    const { id: projectId } = this.#pick(projects);
    const change = this.#pick([{ isPinned: true }, { isArchived: true }, { isRead: true }, { projectId }]);
    await this.#call('POST', '/api/chats/update', { chatIds: [chat.id], ...change });
    if (change.projectId)
      this.#chats = this.#chats.map((each) => (each.id === chat.id ? { ...each, projectId } : each));
    if (this.#chats.length < 3) return;
    await this.#call('POST', '/api/chats/delete', { chatIds: [chat.id] });
    this.#chats = this.#chats.filter(({ id }) => id !== chat.id);
  };
}
