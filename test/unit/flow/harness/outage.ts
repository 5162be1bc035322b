import type test from 'node:test'
import type { KafkaRecord } from '../../../../src/kernel/shapes/record.ts'
import {
  again,
  createFlow,
  done,
  type FlowChanges,
  type FlowSetting,
  fakeTime,
  nameOf,
} from './harness.ts'

/** A handler that is down for as long as the test says, and always fails for some records. */
export function outage(t: test.TestContext, options: FlowChanges, more: FlowSetting = {}) {
  const tick = fakeTime(t)
  const state = { away: true, poison: new Set<string>(), succeeded: [] as string[] }
  const flow = createFlow(t, {
    handle(record: KafkaRecord) {
      if (state.away || state.poison.has(nameOf(record))) return again()
      state.succeeded.push(nameOf(record))
      return done()
    },
    ...more,
    options: { retry: { attempts: 2, backoff: 100, maxBackoff: 100 }, ...options },
  })
  const circuit = () => flow.engine.circuits().find(({ handler }) => handler === 'h')
  return { flow, state, tick, circuit }
}
