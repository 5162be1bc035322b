import assert from 'node:assert/strict'
import { createDeadLetterTarget } from '../../src/app/sinks/create-dead-letters.ts'
import { loadConfig } from '../../src/config/load/load.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { systemClock } from '../../src/kernel/time/clock.ts'

/** Where a service with this environment keeps its letters, and its configuration. */
export function letterTargetOf(env: Readonly<Record<string, string>>) {
  const loaded = loadConfig({ env })
  assert.ok(loaded.ok, JSON.stringify(loaded))
  const { config } = loaded
  const target = createDeadLetterTarget(config, { clock: systemClock, log: silentLog })
  return { config, group: config.kafka.groupId, target }
}
