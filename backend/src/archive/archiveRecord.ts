/**
 * Turns rows into the lines of an archive and back: names in camel case, JSON columns as JSON, no owner, no nulls. A
 * line is data from outside: it becomes a row only if each of its fields is a column and has a valid value.
 */
import type { TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import type { DatabaseValue, Queryable } from '../database/database.ts';
import { ImportRefused } from '../imports/importer.ts';
import type { ArchiveTable } from './archiveTables.ts';

export type Row = Readonly<Record<string, unknown>>;
/** A row that was read, and its table. */
export interface ReadRow {
  readonly table: ArchiveTable;
  readonly row: NewRow;
}
export type NewRow = Readonly<Record<string, DatabaseValue>>;

type ColumnKind = 'text' | 'json' | 'integer' | 'real';

interface Column {
  readonly name: string;
  readonly field: string;
  readonly kind: ColumnKind;
  readonly isRequired: boolean;
  readonly schema: Validator | null;
}

const toField = (column: string): string =>
  column.replace(/_json$/, '').replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** The line of a row, without the line break. Equal rows give equal lines, whatever the order of their columns. */
export function toLine(table: ArchiveTable, row: Row): string {
  const record: Record<string, unknown> = { table: table.name };
  for (const column of Object.keys(row).sort()) {
    const value = row[column];
    if (value === null || column === 'owner_id' || Object.hasOwn(table.leftOut, column)) continue;
    record[toField(column)] = column.endsWith('_json') ? JSON.parse(String(value)) : value;
  }
  return JSON.stringify(record);
}

type KnownTables = ReadonlyMap<string, { readonly table: ArchiveTable; readonly columns: readonly Column[] }>;

/** Parses the lines of some tables against the columns that the database has. */
export class RecordReader {
  readonly #tables: KnownTables;
  readonly #ownerId: string;

  private constructor(tables: KnownTables, ownerId: string) {
    this.#tables = tables;
    this.#ownerId = ownerId;
  }

  /** Every row that is read belongs to the owner. */
  static async open(db: Queryable, tables: readonly ArchiveTable[], ownerId: string): Promise<RecordReader> {
    const known = await db.introspection.getTables();
    return new RecordReader(
      new Map(
        tables.map((table) => {
          const { columns } = known.find(({ name }) => name === table.name) ?? { columns: [] };
          return [table.name, { table, columns: columns.map((column) => toColumn(table, column)) }];
        }),
      ),
      ownerId,
    );
  }

  /** Errors: ImportRefused for a line that is not a row of one of the tables. */
  read(line: string): ReadRow {
    const record = parseRecord(line);
    const { table: name, ...fields } = record;
    const known = typeof name === 'string' ? this.#tables.get(name) : undefined;
    if (!known) throw refusal('has a line of no table that belongs there');
    const { table, columns } = known;
    const row: Record<string, DatabaseValue> = { ...table.leftOut };
    for (const column of columns) {
      if (column.name === 'owner_id') row.owner_id = this.#ownerId;
      if (column.name === 'owner_id' || Object.hasOwn(table.leftOut, column.name)) continue;
      if (!Object.hasOwn(fields, column.field)) {
        if (column.isRequired) throw refusal(`lacks ${column.field} in a line of ${table.name}`);
        continue;
      }
      row[column.name] = toValue(column, fields[column.field], table);
      delete fields[column.field];
    }
    const [unknown] = Object.keys(fields);
    if (unknown !== undefined)
      throw refusal(
        `has the field ${unknown.slice(0, 40)}, which this version does not know: update Rill first`,
      );
    return { table, row };
  }
}

function parseRecord(line: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new ImportRefused('The archive is damaged: it has a line that is not JSON.', { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw refusal('has a line that is no object');
  return { ...value };
}

function toColumn(
  table: ArchiveTable,
  column: { name: string; dataType: string; isNullable: boolean; hasDefaultValue: boolean },
): Column {
  const schema: TSchema | undefined = table.schemas[column.name];
  return {
    name: column.name,
    field: toField(column.name),
    kind: kindOf(column),
    isRequired: !column.isNullable && !column.hasDefaultValue,
    schema: schema ? Compile(schema) : null,
  };
}

function kindOf({ name, dataType }: { name: string; dataType: string }): ColumnKind {
  if (name.endsWith('_json')) return 'json';
  if (/int/i.test(dataType)) return 'integer';
  return /real|double|float|numeric/i.test(dataType) ? 'real' : 'text';
}

const fits: Readonly<Record<ColumnKind, (value: unknown) => boolean>> = {
  json: (value) => typeof value === 'object' && value !== null,
  text: (value) => typeof value === 'string',
  integer: Number.isSafeInteger,
  real: Number.isFinite,
};

function toValue({ kind, field, schema }: Column, value: unknown, table: ArchiveTable): DatabaseValue {
  if (!fits[kind](value) || !(schema?.Check(value) ?? true))
    throw refusal(`has a value that does not fit ${table.name}.${field}`);
  if (kind === 'json') return JSON.stringify(value);
  return typeof value === 'string' ? value.toWellFormed() : Number(value);
}

/** `what`: the second half of a sentence about the archive. */
export const refusal = (what: string): ImportRefused =>
  new ImportRefused(`The archive is damaged: it ${what}.`);
