import { describe, expect, it } from 'vitest';
import { exampleChat, exampleProject } from '../../chat/chatTestBench.ts';
import { HeldOrder, holdRows, type SidebarRows } from './heldOrder.svelte.ts';

const chat = (id: string, change: Partial<typeof exampleChat> = {}) => ({
  ...exampleChat,
  id,
  title: id,
  ...change,
});
const rowsOf = (...chats: (typeof exampleChat)[]): SidebarRows => ({
  pinned: chats.filter(({ pinnedAtMs }) => pinnedAtMs !== null),
  projects: [exampleProject],
  chatsByProject: { p1: chats },
});
const titles = ({ chatsByProject }: SidebarRows) => chatsByProject.p1?.map(({ title }) => title);

describe('rows that are held', () => {
  const held = rowsOf(chat('a', { updatedAtMs: 2 }), chat('b', { updatedAtMs: 1 }));

  it('stay where they are and say what is known now', () => {
    const now = rowsOf(chat('new', { updatedAtMs: 9 }), chat('b', { updatedAtMs: 8, title: 'B' }), chat('a'));
    const rows = holdRows(held, now);
    expect(titles(rows)).toEqual(['a', 'B']);
    expect(rows.chatsByProject.p1?.map(({ updatedAtMs }) => updatedAtMs)).toEqual([2, 1]);
  });

  it('are the same objects where nothing is new, so that they are not drawn again', () => {
    const [first, second] = held.chatsByProject.p1 ?? [];
    const now = rowsOf(chat('new'), ...(first ? [first] : []), chat('b', { updatedAtMs: 8 }));
    const rows = holdRows(held, now).chatsByProject.p1 ?? [];
    expect(rows[0]).toBe(first);
    expect(rows[1]).not.toBe(second);
  });

  it('stay when they are deleted, pinned or moved elsewhere', () => {
    const now = rowsOf(chat('b', { pinnedAtMs: 5, activeRunId: 'r1' }));
    const rows = holdRows(held, now);
    expect(titles(rows)).toEqual(['a', 'b']);
    expect(rows.pinned).toEqual([]);
    expect(rows.chatsByProject.p1?.[1]).toMatchObject({ pinnedAtMs: null, activeRunId: 'r1' });
  });

  it('get older ones below them, and projects at the end', () => {
    const now = rowsOf(chat('a'), chat('b'), chat('older'));
    const work = { ...exampleProject, id: 'p2', name: 'Work' };
    const rows = holdRows(held, {
      ...now,
      projects: [exampleProject, work],
      chatsByProject: { ...now.chatsByProject, p2: [] },
    });
    expect(titles(rows)).toEqual(['a', 'b', 'older']);
    expect(rows.projects.map(({ id }) => id)).toEqual(['p1', 'p2']);
    expect(rows.chatsByProject.p2).toEqual([]);
  });
});

describe('the order of the rows', () => {
  it('is held from a move of the pointer until it leaves or a key is pressed that is more than a modifier', () => {
    let current = rowsOf(chat('a'));
    const order = new HeldOrder(() => current);
    order.hold();
    current = rowsOf(chat('b'), chat('a'));
    expect(titles(order.rows)).toEqual(['a']);
    order.releaseByKey({ key: 'Control' });
    expect(titles(order.rows)).toEqual(['a']);
    order.releaseByKey({ key: 'x' });
    expect(titles(order.rows)).toEqual(['b', 'a']);
    order.hold();
    current = rowsOf(chat('c'), chat('b'), chat('a'));
    order.release();
    expect(titles(order.rows)).toEqual(['c', 'b', 'a']);
  });
});
