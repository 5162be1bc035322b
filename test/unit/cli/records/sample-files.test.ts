import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { readSamples } from '../../../../src/cli/records/sample-files.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

function write(t: TestContext, name: string, content: string): string {
  const path = join(temporaryFolder(t), name)
  writeFileSync(path, content)
  return path
}

const options = { topic: 'sample', count: 100 }

test('lines are values or records; blank lines are none', async (t) => {
  const record =
    '{"topic":"other","partition":2,"offset":9,"timestamp":"1970-01-01T00:00:01Z","value":[1]}'
  const path = write(t, 'a.ndjson', `[{"a":1}]\r\n\n${record}\nnot json`)
  const records = await readSamples([path], options)
  assert.deepEqual(
    records.map(({ topic, partition, offset, timestamp, value }) => [
      `${topic}/${partition}/${offset}`,
      timestamp,
      String(value),
    ]),
    [
      ['sample/0/0', 0, '[{"a":1}]'],
      ['other/2/9', 1000, '[1]'],
      ['sample/0/2', 0, 'not json'],
    ],
  )
})

test('a .json file is one value, whatever its lines', async (t) => {
  const text = '[\n  { "topic": "a",\n    "value": 1 }\n]\n'
  const [record, ...others] = await readSamples([write(t, 'a.json', text)], options)
  assert.equal(String(record?.value), text)
  assert.equal(others.length, 0)
})

test('no more records than asked for, of all files together', async (t) => {
  const files = [write(t, 'a.ndjson', '1\n2\n'), write(t, 'b.ndjson', '3\n4\n')]
  const records = await readSamples(files, { ...options, count: 3 })
  assert.deepEqual(
    records.map(({ value }) => String(value)),
    ['1', '2', '3'],
  )
})

test('mistakes name the file, the line and the remedy', async (t) => {
  const twice = '{"topic":"a","offset":1,"value":1}\n'
  for (const [content, message] of [
    ['\n \n', /a\.ndjson has no record\. Remedy: write one a line/],
    [
      `1\n\n{"topic":"a","offset":"x","value":1}`,
      /a\.ndjson:3: offset is "x"; write an integer from 0/,
    ],
    [
      twice + twice,
      /a\.ndjson:2 is the record a\/0\/1, and so is .*a\.ndjson:1: .* Remedy: change the offset/,
    ],
  ] as const) {
    const path = write(t, 'a.ndjson', content)
    await assert.rejects(readSamples([path], options), { code: 'OCC_SAMPLE', message })
  }
  await assert.rejects(readSamples(['/nowhere.ndjson'], options), {
    code: 'OCC_SAMPLE',
    message: '/nowhere.ndjson does not exist. Remedy: correct the path',
  })
})
