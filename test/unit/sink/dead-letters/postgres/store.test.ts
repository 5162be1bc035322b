import assert from 'node:assert/strict'
import test from 'node:test'
import { createPostgresStore } from '../../../../../src/sink/dead-letters/postgres/store.ts'
import type { PostgresPool } from '../../../../../src/sink/postgres/pool.ts'

test('the next page begins after a letter with a timestamp in nanoseconds, not with it again', async () => {
  const timestamp = '1735113848969551104'
  const pages: unknown[][] = []
  const row = {
    id: 'a',
    original_topic: 't',
    original_partition: 0,
    original_offset: '1',
    original_timestamp: timestamp,
    key: null,
    value: null,
    headers: {},
    handler: '',
    failed_at: new Date(0),
    sending_since: null,
  }
  const pool = {
    async query(_: string, values: readonly unknown[] = []) {
      pages.push([...values])
      return { rows: pages.length === 1 ? [row] : [] }
    },
  } as unknown as PostgresPool
  const ids: string[] = []
  for await (const { id } of createPostgresStore('letters', pool).list({})) ids.push(id)
  assert.deepEqual(ids, ['a'])
  assert.deepEqual(pages[1]?.map(String), ['t', '0', '1', timestamp, '', 'a'])
})
