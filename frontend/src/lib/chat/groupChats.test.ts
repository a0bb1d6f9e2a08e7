import type { Chat } from '@rill/protocol';
import { describe, expect, it } from 'vitest';
import { groupChats } from './groupChats.ts';

const noonMs = new Date(2026, 10, 22, 12).getTime();
const hourMs = 3_600_000;

function chatAt(id: string, updatedAtMs: number): Chat {
  return {
    id,
    projectId: 'p',
    title: id,
    model: null,
    activeLeafId: null,
    activeRunId: null,
    createdAtMs: 0,
    updatedAtMs,
  };
}

describe('groupChats', () => {
  it('puts each chat where its last change belongs, newest first', () => {
    const chats = [
      chatAt('month', noonMs - 30 * 24 * hourMs),
      chatAt('morning', noonMs - 11 * hourMs),
      chatAt('now', noonMs),
      chatAt('yesterday', noonMs - 13 * hourMs),
    ];
    expect(
      groupChats(chats, noonMs).map((group) => [group.name, group.chats.map((chat) => chat.id)]),
    ).toEqual([
      ['today', ['now', 'morning']],
      ['previous-week', ['yesterday']],
      ['earlier', ['month']],
    ]);
  });

  it('counts midnight as today and seven days before it as the previous week', () => {
    const midnightMs = new Date(2026, 10, 22).getTime();
    const chats = [
      chatAt('midnight', midnightMs),
      chatAt('week', midnightMs - 7 * 24 * hourMs),
      chatAt('older', midnightMs - 7 * 24 * hourMs - 1),
    ];
    expect(groupChats(chats, noonMs).map((group) => group.name)).toEqual([
      'today',
      'previous-week',
      'earlier',
    ]);
  });

  it('has no empty groups', () => {
    expect(groupChats([], noonMs)).toEqual([]);
  });
});
