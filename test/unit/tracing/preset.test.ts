import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import test from 'node:test'
import { promisify } from 'node:util'
import { startOtlpCollector } from '../../support/servers/otlp-collector.ts'
import { TOPIC } from '../handle/parts.ts'

const PRESET = join(import.meta.dirname, '../../../examples/tracing/otlp.mjs')
const PROGRAM = join(import.meta.dirname, 'traced-program.ts')
const ERROR = 2

test('the preset sends what is traced as OTLP, the last spans too, under the name of the service', async (t) => {
  const collector = await startOtlpCollector(t)
  const { PATH, HOME } = process.env
  const env = {
    ...{ PATH, HOME },
    NODE_OPTIONS: `--import=${PRESET}`,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_SERVICE_NAME: 'whale-alerts',
  }
  await promisify(execFile)(process.execPath, [PROGRAM], { env })
  assert.deepEqual(
    collector.spans.map(({ service, name, status }) => [service, name, status.code]),
    [
      ['whale-alerts', `process ${TOPIC}`, 0],
      ['whale-alerts', `process ${TOPIC}`, ERROR],
    ],
  )
})
