import { expect, test } from 'vitest';
import { scansIn, shortQuery } from './queryPlans.ts';

test('a scan of a growing table is reported, with and without an index', () => {
  const plan = ['SCAN messages', 'SCAN runs USING INDEX runs_by_chat', 'SEARCH chats USING INDEX a (id=?)'];
  expect(scansIn(plan, [])).toEqual(['SCAN messages', 'SCAN runs USING INDEX runs_by_chat']);
});

test('a scan of a small table, of a subquery or of a partial index is not reported', () => {
  const plan = [
    'SCAN projects',
    'SCAN branch',
    'SCAN runs USING COVERING INDEX runs_open',
    'SCAN 2 CONSTANT ROWS',
  ];
  expect(scansIn(plan, ['runs_open'])).toEqual([]);
});

test('a query is shortened to its tables and conditions', () => {
  expect(shortQuery('insert into "runs" ("id", "state") values (?, ?)')).toBe('insert into runs …');
  expect(shortQuery('update "chats" set "title" = ?, "model" = ? where "id" = ?')).toBe(
    'update chats set … where id = ?',
  );
  expect(shortQuery('select * from "runs"\n where "id" = ?')).toBe('select * from runs where id = ?');
});
