import assert from 'node:assert/strict'
import test from 'node:test'
import { createLiveConfig } from '../../../src/app/live-config.ts'
import type { Unit } from '../../../src/app/units/create-unit.ts'
import { unitsOf } from '../../../src/app/units/units.ts'
import type { Config } from '../../../src/config/types.ts'
import type { FlowOptions } from '../../../src/flow/types.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { configOf, loadYaml } from '../config/support.ts'

const HANDLERS =
  'handlers: [{path: /h/a.ts, filter: {chains: [solana]}}, {path: /h/b.ts, name: slack, group: own, concurrency: 3, attempts: 2, filter: {chains: [tron]}}]\n'

test('a live change reaches every group, and leaves what a handler has of its own', async (t) => {
  const texts = {
    before: `${HANDLERS}processing: {concurrency: 50}\n`,
    after: `${HANDLERS.replace('tron', 'solana')}processing: {concurrency: 60, maxRecordsPerSecond: 10}\nretry: {attempts: 9}\n`,
  }
  const config = configOf(loadYaml(t, texts.before))
  const changed: FlowOptions[] = []
  const filters: Array<Config['handlers'][number]['filter']> = []
  // Only what a change touches of a unit.
  const units = unitsOf(config).map((unit) => ({
    ...unit,
    handling: {
      async prepare({ handlers }: Config) {
        return () => void filters.push(...handlers.map(({ filter }) => filter))
      },
    },
    engine: { configure: (changes: FlowOptions) => void changed.push(changes) },
  })) as unknown as Unit[]
  const loaded = loadYaml(t, texts.after)
  const live = createLiveConfig(
    { file: '/config.yaml', warnings: loaded.warnings, load: () => loaded, setLogLevel() {} },
    { config, units, embedded: false, log: silentLog },
  )
  assert.ok(await live.reload())
  assert.deepEqual(
    changed.map(({ concurrency, maxRecordsPerSecond, retry }) => [
      concurrency,
      maxRecordsPerSecond,
      retry.attempts,
    ]),
    [
      [60, 10, 9],
      [3, 10, 2],
    ],
  )
  assert.deepEqual(
    filters.flatMap((filter) => filter?.chains ?? []),
    ['solana', 'solana'],
  )
})
