import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { renderMetricsDocs } from '../../../dev/docs/metrics.ts'
import { metricDefinitions } from '../../../src/observe/metrics/table.ts'

test('docs/metrics.md matches the table (npm run docs writes it)', () => {
  const written = readFileSync(join(import.meta.dirname, '../../../docs/metrics.md'), 'utf8')
  assert.equal(written, renderMetricsDocs())
})

test('every metric is declared once and has a row', () => {
  const rows = renderMetricsDocs()
    .split('\n')
    .flatMap((line) => /^\| `(\w+)` +\| (?:counter|gauge|histogram) /.exec(line)?.[1] ?? [])
  assert.equal(new Set(rows).size, rows.length)
  assert.deepEqual(
    rows,
    metricDefinitions.map(({ name }) => name),
  )
})
