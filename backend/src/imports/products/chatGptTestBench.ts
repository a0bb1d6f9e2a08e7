/** Builds conversations in the form of a ChatGPT export, in all the shapes that were seen. */
import type { ImportedChat } from '../form/importedChat.ts';
import { parseChatGpt } from './parseChatGpt.ts';

/** 2026-03-01, in seconds. */
export const startS = 1_772_323_200;

export interface NodeOptions {
  readonly parent?: string | null;
  readonly role?: string;
  readonly text?: string;
  readonly content?: unknown;
  readonly metadata?: object;
  readonly timeS?: number | null;
  readonly children?: readonly string[];
  readonly more?: object;
}

/** A node with a message; `more` goes into the message. */
export function node(id: string, options: NodeOptions = {}): [string, object] {
  const {
    parent = null,
    role = 'user',
    text = '',
    content,
    metadata,
    timeS = startS,
    children,
    more,
  } = options;
  const message = {
    id,
    author: { role, name: null, metadata: {} },
    create_time: timeS,
    content: content === undefined ? { content_type: 'text', parts: [text] } : content,
    status: 'finished_successfully',
    end_turn: null,
    weight: 1,
    recipient: 'all',
    channel: null,
    ...(metadata && { metadata }),
    ...more,
  };
  return [id, { id, message, parent, ...(children && { children }) }];
}

export const user = (id: string, parent: string | null, text: string, options: NodeOptions = {}) =>
  node(id, { parent, text, ...options });
export const answer = (id: string, parent: string | null, text: string, options: NodeOptions = {}) =>
  node(id, { parent, role: 'assistant', text, ...options });
export const tool = (id: string, parent: string | null, content: unknown, options: NodeOptions = {}) =>
  node(id, { parent, role: 'tool', content, ...options });
export const root = (id = 'client-created-root'): [string, object] => [
  id,
  { id, message: null, parent: null },
];

export const conversation = (nodes: readonly (readonly [string, unknown])[], more: object = {}) => ({
  id: 'c1',
  conversation_id: 'c1',
  title: 'A title',
  create_time: startS,
  update_time: startS + 60.5,
  mapping: Object.fromEntries(nodes),
  current_node: nodes.at(-1)?.[0] ?? null,
  default_model_slug: 'gpt-5',
  ...more,
});

export const parseNodes = (nodes: readonly (readonly [string, unknown])[], more: object = {}) =>
  parseChatGpt(conversation(nodes, more), { fallbackTimeMs: 1 });

/** The messages as `id<parent role: text`, for short tests. */
export const outline = (chat: ImportedChat | null): string[] =>
  (chat?.messages ?? []).map(
    ({ id, parentId, role, text }) => `${id}<${parentId ?? ''} ${role === 'user' ? 'Q' : 'A'} ${text}`,
  );
