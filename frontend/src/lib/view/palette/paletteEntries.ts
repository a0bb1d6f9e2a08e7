/** Merges local entries and the server's results into the groups of the palette. Local entries are shown at once. */
import {
  type Chat,
  type FoundChat,
  type FoundMessage,
  findTerms,
  foldText,
  hasTerms,
  type Model,
  searchTerms,
  type TextRange,
} from '@rill/protocol';
import type { PageCommand } from '../commands/pageCommands.ts';
import { commandStrings } from '../strings/commandStrings.ts';
import type { PickerGroup } from './PickerDialog.svelte';

export type PaletteEntry =
  | {
      readonly type: 'chat';
      readonly key: string;
      readonly projectId: string;
      readonly chatId: string;
      readonly title: string;
      readonly marks: readonly TextRange[];
      readonly updatedAtMs: number;
    }
  | { readonly type: 'message'; readonly key: string; readonly found: FoundMessage }
  | {
      readonly type: 'command';
      readonly key: string;
      readonly command: PageCommand;
      readonly marks: readonly TextRange[];
    }
  | {
      readonly type: 'model';
      readonly key: string;
      readonly model: Model;
      readonly marks: readonly TextRange[];
    }
  | { readonly type: 'more'; readonly key: string };

export interface PaletteSource {
  readonly query: string;
  readonly chats: readonly Chat[];
  readonly commands: readonly PageCommand[];
  readonly models: readonly Model[];
  readonly found: {
    readonly chats: readonly FoundChat[];
    readonly messages: readonly FoundMessage[];
    readonly hasMore: boolean;
  };
}

const maxChats = 6;
const maxModels = 5;
const maxRecentChats = 7;
const { groups: names } = commandStrings.palette;

export function paletteGroups(source: PaletteSource): PickerGroup<PaletteEntry>[] {
  const terms = searchTerms(source.query);
  const chats = source.chats.toSorted((first, second) => second.updatedAtMs - first.updatedAtMs);
  if (terms.length === 0)
    return [
      { name: names.recent, entries: chats.slice(0, maxRecentChats).map((chat) => toChatEntry(chat, terms)) },
      { name: names.commands, entries: source.commands.map((command) => toCommandEntry(command, terms)) },
    ];
  const has = (text: string) => hasTerms(foldText(text), terms);
  const own = chats.filter(({ title }) => has(title)).map((chat) => toChatEntry(chat, terms));
  const ownIds = new Set(own.map(({ chatId }) => chatId));
  const others = source.found.chats
    .filter(({ chatId }) => !ownIds.has(chatId))
    .map(({ chatId, projectId, title, updatedAtMs }) =>
      toChatEntry({ id: chatId, projectId, title, updatedAtMs }, terms),
    );
  const messages = source.found.messages.map(
    (found): PaletteEntry => ({ type: 'message', key: `message-${found.messageId}`, found }),
  );
  // Results of the server are last, so that nothing moves while the user is choosing.
  return [
    { name: names.chats, entries: [...own, ...others].slice(0, maxChats) },
    {
      name: names.commands,
      entries: source.commands
        .filter(({ label, words = '' }) => has(`${label} ${words}`))
        .map((command) => toCommandEntry(command, terms)),
    },
    {
      name: names.models,
      entries: source.models
        .filter(({ id, name }) => has(`${name} ${id}`))
        .slice(0, maxModels)
        .map((model) => ({
          type: 'model',
          key: `model-${model.id}`,
          model,
          marks: findTerms(model.name, terms),
        })),
    },
    {
      name: names.messages,
      entries: source.found.hasMore ? [...messages, { type: 'more', key: 'more' }] : messages,
    },
  ];
}

function toChatEntry(
  { id, projectId, title, updatedAtMs }: Pick<Chat, 'id' | 'projectId' | 'title' | 'updatedAtMs'>,
  terms: readonly string[],
) {
  const shown = title || commandStrings.palette.untitled;
  const marks = findTerms(shown, terms);
  return {
    type: 'chat',
    key: `chat-${id}`,
    projectId,
    chatId: id,
    title: shown,
    marks,
    updatedAtMs,
  } as const;
}

function toCommandEntry(command: PageCommand, terms: readonly string[]): PaletteEntry {
  return { type: 'command', key: `command-${command.id}`, command, marks: findTerms(command.label, terms) };
}
