import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Statements } from './statements.ts';

let connection: DatabaseSync;
let statements: Statements;
beforeEach(() => {
  connection = new DatabaseSync(':memory:');
  connection.exec(`CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT, size REAL, bytes BLOB);
    INSERT INTO things VALUES (1, 'one', 1.5, x'00ff'), (2, NULL, NULL, NULL)`);
  statements = new Statements(connection);
});
afterEach(() => connection.close());

const [one, two] = [
  { id: 1, name: 'one', size: 1.5, bytes: Uint8Array.of(0, 255) },
  { id: 2, name: null, size: null, bytes: null },
];

/** In each way in which rows can be read. */
function rowsOf(sqlText: string) {
  const statement = statements.prepare(sqlText);
  const all = statement.allRows([]);
  expect(statement.all([])).toEqual(all);
  expect([...statement.iterate([])]).toEqual(all);
  expect(statement.firstRow([])).toEqual(all[0]);
  return all;
}

describe('a row', () => {
  it('has its values under the names of their columns, in their order', () => {
    expect(rowsOf('SELECT * FROM things ORDER BY id')).toEqual([one, two]);
    expect(Object.keys(rowsOf('SELECT size, id FROM things')[0] ?? {})).toEqual(['size', 'id']);
  });

  it('has the last value of a name that two columns have, and any name', () => {
    expect(rowsOf(`SELECT 1 AS id, 'a' AS "2", 'b' AS "1", 3 AS id`)).toEqual([{ id: 3, 2: 'a', 1: 'b' }]);
  });

  it('has a column that was added after its statement was prepared', () => {
    expect(rowsOf('SELECT * FROM things WHERE id = 2')).toEqual([two]);
    connection.exec('ALTER TABLE things ADD COLUMN colour TEXT');
    expect(rowsOf('SELECT * FROM things WHERE id = 2')).toEqual([{ ...two, colour: null }]);
  });

  it('is its own object', () => {
    const [first, second] = rowsOf('SELECT * FROM things ORDER BY id');
    expect(first).toEqual(one);
    expect(second).toEqual(two);
    expect(statements.prepare('SELECT * FROM things WHERE id = 1').firstRow([])).not.toBe(first);
  });
});

it('gives no row where there is none', () => {
  expect(rowsOf('SELECT * FROM things WHERE id = 3')).toEqual([]);
});

it('counts what was changed, and gives what a change returns', () => {
  expect(statements.prepare('UPDATE things SET size = ?').change([2])).toBe(2);
  const deletion = statements.prepare('DELETE FROM things WHERE id = ? RETURNING *');
  expect(deletion.firstRow([1])).toEqual({ ...one, size: 2 });
  expect(deletion.firstRow([1])).toBeUndefined();
  expect(deletion.reader).toBe(true);
});
