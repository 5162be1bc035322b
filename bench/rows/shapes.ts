import type pg from 'pg'
import { quoteName, quoteTable } from '../../src/sink/postgres/quote.ts'
import { createInsert } from '../../src/sink/postgres/rows/statement.ts'
import type { Cell, Row, RowTable } from '../../src/sink/postgres/rows/table.ts'
import { copyIn } from './copy-in.ts'

/** One way to get a batch of rows into a table, in one transaction. */
export interface Shape {
  readonly name: string
  write(client: pg.Client, rows: readonly Row[]): Promise<void>
}

export function shapesFor(table: RowTable): Shape[] {
  const all = [unnest, recordset, values, copy, copyStraight, oneByOne]
  return all.map((shape) => shape(table))
}

/** What the service does. */
export function unnest(table: RowTable): Shape {
  const { text, valuesOf } = createInsert(table)
  return {
    name: 'unnest',
    async write(client, rows) {
      await client.query(text, [...valuesOf(rows)])
    },
  }
}

function recordset({ table, columns, key }: RowTable): Shape {
  const names = columns.map(({ name }) => quoteName(name)).join(', ')
  const types = columns.map(({ name, type }) => `${quoteName(name)} ${type}`).join(', ')
  const text = `insert into ${quoteTable(table)} (${names}) select ${names} from jsonb_to_recordset($1) as x (${types}) ${conflict(key)}`
  return {
    name: 'jsonb_to_recordset',
    async write(client, rows) {
      const objects = rows.map((row) =>
        Object.fromEntries(columns.map(({ name }, index) => [name, row[index]])),
      )
      await client.query(text, [JSON.stringify(objects)])
    },
  }
}

/** A statement for each number of rows, of at most 65,535 parameters. */
function values({ table, columns, key }: RowTable): Shape {
  const names = columns.map(({ name }) => quoteName(name)).join(', ')
  const most = Math.floor(65_535 / columns.length)
  return {
    name: 'VALUES',
    async write(client, rows) {
      await client.query('begin')
      for (let from = 0; from < rows.length; from += most) {
        const part = rows.slice(from, from + most)
        let mark = 0
        const lists = part.map((row) => `(${row.map(() => `$${++mark}`).join()})`).join()
        const text = `insert into ${quoteTable(table)} (${names}) values ${lists} ${conflict(key)}`
        await client.query(text, part.flat())
      }
      await client.query('commit')
    },
  }
}

/** COPY knows no conflicts: into a temporary table, and from there. */
function copy({ table, columns, key }: RowTable): Shape {
  const names = columns.map(({ name }) => quoteName(name)).join(', ')
  return {
    name: 'COPY, temporary table',
    async write(client, rows) {
      await client.query(
        `begin; create temp table stage (like ${quoteTable(table)}) on commit drop`,
      )
      await copyIn(
        client,
        `copy stage (${names}) from stdin`,
        Buffer.from(rows.map(lineOf).join('')),
      )
      await client.query(
        `insert into ${quoteTable(table)} (${names}) select ${names} from stage ${conflict(key)}; commit`,
      )
    },
  }
}

/** Where every key is new. If one is not, all of them go another way after the savepoint. */
function copyStraight({ table, columns }: RowTable): Shape {
  const names = columns.map(({ name }) => quoteName(name)).join(', ')
  return {
    name: 'COPY, all keys new',
    async write(client, rows) {
      await client.query('begin; savepoint rows')
      await copyIn(
        client,
        `copy ${quoteTable(table)} (${names}) from stdin`,
        Buffer.from(rows.map(lineOf).join('')),
      )
      await client.query('release savepoint rows; commit')
    },
  }
}

/** One statement and one transaction for each row: what tutorials show. */
function oneByOne({ table, columns, key }: RowTable): Shape {
  const names = columns.map(({ name }) => quoteName(name)).join(', ')
  const marks = columns.map((_, index) => `$${index + 1}`).join()
  const text = `insert into ${quoteTable(table)} (${names}) values (${marks}) ${conflict(key)}`
  return {
    name: 'one INSERT a row',
    async write(client, rows) {
      for (const row of rows) await client.query(text, [...row])
    },
  }
}

function conflict(key: readonly string[]): string {
  return `on conflict (${key.map(quoteName).join(', ')}) do nothing`
}

function lineOf(row: Row): string {
  return `${row.map(fieldOf).join('\t')}\n`
}

function fieldOf(cell: Cell): string {
  if (cell === null) return '\\N'
  return /[\\\t\n\r]/.test(cell)
    ? cell.replace(
        /[\\\t\n\r]/g,
        (found) => `\\${{ '\t': 't', '\n': 'n', '\r': 'r' }[found] ?? found}`,
      )
    : cell
}
