/** Turns web search on or off for a chat, and announces it. */
import type { ChatState } from '../../chat/chatState.svelte.ts';
import type { Announcer } from '../shell/announcer.svelte.ts';
import { webStrings } from './webStrings.ts';

export function toggleWebSearch(chat: ChatState, announcer: Pick<Announcer, 'say'>): void {
  const isOn = !chat.webSearch;
  void chat.setWebSearch(isOn);
  announcer.say(isOn ? webStrings.on : webStrings.off);
}
