import type { Clock } from '../../../../src/kernel/time/clock.ts'
import { createEventAlerts } from '../../../../src/sink/alerts/event-alerts.ts'
import type { Alert, EventRule } from '../../../../src/sink/alerts/types.ts'

export const START = Date.parse('2026-01-31T12:00:00Z')

/** A clock that the test moves. */
export function modelClock(): Clock & { pass(milliseconds: number): void } {
  let now = 0
  return {
    now: () => START + now,
    monotonic: () => now,
    pass(milliseconds) {
      now += milliseconds
    },
  }
}

/** A value as a handler without code emits it: 1 USDC from `a` to `b`, now. */
export function transfer(id: string, fields: object = {}) {
  return {
    ...{ id, chain: 'solana', kind: 'transfer', from: 'a', to: 'b', success: true },
    asset: { address: 'USDC-mint', symbol: 'USDC', decimals: 6 },
    amount: 1_000_000n,
    ...{ topic: 'transfers', partition: 0, offset: 1, timestamp: START, time: START },
    ...fields,
  }
}

/** A rule, and what it said. */
export function running(rule: Partial<EventRule> = {}) {
  const clock = modelClock()
  const said: Array<Alert & { readonly id: string }> = []
  const meter = { sent: 0, held: 0, old: 0 }
  const sink = { isDown: false }
  const events = createEventAlerts(
    {
      ...{ name: 'rule', kind: 'event', message: '{{id}}', cooldown: 0, per: 'rule' },
      ...{ maxAge: 3_600_000, window: null },
      ...rule,
    } as EventRule,
    async (id, alert) => {
      await null
      if (sink.isDown) throw new Error('down')
      said.push({ id, ...alert })
    },
    { clock, meter, durationText: (milliseconds) => `${milliseconds / 1000}s` },
  )
  return { ...events, clock, meter, sink, said, texts: () => said.map(({ message }) => message) }
}
