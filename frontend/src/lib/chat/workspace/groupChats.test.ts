import type { Chat } from '@rill/protocol';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { exampleChat } from '../chatTestBench.ts';
import { groupChats } from './groupChats.ts';

const noonMs = new Date(2026, 10, 22, 12).getTime();
const hourMs = 3_600_000;

const chatAt = (id: string, updatedAtMs: number): Chat => ({ ...exampleChat, id, title: id, updatedAtMs });

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
      ['yesterday', ['yesterday']],
      ['previous-month', ['month']],
    ]);
  });

  it('has no more than the requested number of newest chats', () => {
    const chats = [chatAt('oldest', noonMs - 2), chatAt('newest', noonMs), chatAt('newer', noonMs - 1)];
    const [group] = groupChats(chats, noonMs, 2);
    expect(group?.chats.map((chat) => chat.id)).toEqual(['newest', 'newer']);
    expect(groupChats(chats, noonMs, 0)).toEqual([]);
  });

  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it.each([
    ['UTC', [2026, 10, 22]],
    ['Europe/Berlin in autumn, a day of 25 hours', [2026, 9, 26]],
    ['Europe/Berlin in autumn, the week after it', [2026, 9, 30]],
    ['Europe/Berlin in spring, a day of 23 hours', [2026, 2, 30]],
    ['America/New_York in spring', [2026, 2, 9]],
    ['Asia/Beirut, where the clocks change at midnight', [2026, 2, 30]],
    ['Australia/Lord_Howe, by half an hour', [2026, 3, 6]],
  ] as const)('begins every group at a midnight of the calendar: %s', (zone, [year, month, day]) => {
    vi.stubEnv('TZ', zone.split(/[ ,]/)[0] ?? '');
    const nowMs = new Date(year, month, day, 12).getTime();
    const startMs = (daysAgo: number) => new Date(year, month, day - daysAgo).getTime();
    const chats = [0, 1, 7, 30].flatMap((daysAgo) => [
      chatAt(`from ${daysAgo}`, startMs(daysAgo)),
      chatAt(`before ${daysAgo}`, startMs(daysAgo) - 1),
    ]);
    expect(groupChats(chats, nowMs).map(({ name, chats }) => [name, ...chats.map(({ id }) => id)])).toEqual([
      ['today', 'from 0'],
      ['yesterday', 'before 0', 'from 1'],
      ['previous-week', 'before 1', 'from 7'],
      ['previous-month', 'before 7', 'from 30'],
      ['earlier', 'before 30'],
    ]);
  });

  it('counts a chat whose clock is ahead as one of today', () => {
    expect(groupChats([chatAt('ahead', noonMs + 48 * hourMs)], noonMs).map(({ name }) => name)).toEqual([
      'today',
    ]);
  });

  it('has no empty groups', () => {
    expect(groupChats([], noonMs)).toEqual([]);
  });
});
