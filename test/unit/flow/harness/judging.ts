import type { TestContext } from 'node:test'
import type { RecordOrder } from '../../../../src/flow/types.ts'
import type { Outcome } from '../../../../src/kernel/shapes/outcome.ts'
import type { KafkaRecord } from '../../../../src/kernel/shapes/record.ts'
import { createFlow, type FlowChanges, type FlowSetting, fakeTime, nameOf } from './harness.ts'

export const ORDERS: readonly RecordOrder[] = ['partition', 'key', 'none']

/** A flow with the circuit of the configuration's defaults, whose time the test controls. */
export function setUp(
  t: TestContext,
  options: FlowChanges,
  handle: (record: KafkaRecord) => Outcome,
  more: FlowSetting = {},
) {
  const pass = fakeTime(t)
  const succeeded: string[] = []
  const flow = createFlow(t, {
    handle(record) {
      const outcome = handle(record)
      if (outcome.kind === 'ok') succeeded.push(nameOf(record))
      return outcome
    },
    ...more,
    options: {
      retry: { attempts: 5, backoff: 100, maxBackoff: 400 },
      ...options,
      circuit: {
        failures: 10,
        firstFailures: 3,
        maxProbeAfter: 30_000,
        patience: 900_000,
        ...options.circuit,
      },
    },
  })
  const tick = async (seconds: number) => {
    for (let step = 0; step < seconds * 10; step++) await pass(100)
  }
  const circuit = () => flow.engine.circuits().find(({ state }) => state !== 'closed')
  return { flow, tick, succeeded, circuit }
}

/** Names of records. @param to Not included. */
export const range = (partition: number, from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `${partition}@${from + index}`)
