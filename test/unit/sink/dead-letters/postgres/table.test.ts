import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { addGroupSql, createTableSql } from '../../../../../src/sink/dead-letters/postgres/table.ts'

test('docs/dead-letters.md shows the table as it is created', () => {
  const docs = join(import.meta.dirname, '../../../../../docs/dead-letters.md')
  const table = createTableSql('onchain_dead_letters')
  const text = readFileSync(docs, 'utf8')
  assert.ok(text.includes(table), `write it there:\n${table}`)
  const change = addGroupSql('onchain_dead_letters')
  assert.ok(text.includes(change), `write it there:\n${change}`)
})
