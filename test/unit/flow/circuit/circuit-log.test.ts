import assert from 'node:assert/strict'
import test from 'node:test'
import { CircuitBreaker } from '../../../../src/flow/circuit/circuit-breaker.ts'
import { CircuitLog } from '../../../../src/flow/circuit/circuit-log.ts'
import { CodedError } from '../../../../src/kernel/errors.ts'
import { type LogFields, silentLog } from '../../../../src/kernel/log.ts'
import { retry } from '../../../../src/kernel/shapes/outcome.ts'

const failure = retry(new CodedError('OCC_TEST', 'no answer'), 'h')

/** The log of a circuit that opened at second 0, and what it says of it. */
function openCircuit() {
  let seconds = 0
  const clock = { now: () => seconds * 1_000, monotonic: () => seconds * 1_000 }
  const lines: Array<{ readonly second: number; readonly text: string; readonly code: unknown }> =
    []
  const write = ({ code }: LogFields, text: string) =>
    void lines.push({ second: seconds, text, code })
  const log = new CircuitLog(clock, { ...silentLog, error: write, warn: write })
  const circuit = new CircuitBreaker(
    { handler: 'h' },
    { failures: 1, firstFailures: 1, probeAfter: 1_000, maxProbeAfter: 20_000, patience: 60_000 },
  )
  circuit.open(0, 0)
  const at = (second: number) => {
    seconds = second
  }
  return { circuit, log, lines, at }
}

test('a circuit that stays open is logged once a minute', () => {
  const { circuit, log, lines, at } = openCircuit()
  for (let second = 0; second < 300; second += 20) {
    at(second)
    log.stillOpen(circuit, failure)
  }
  assert.deepEqual(
    lines.map(({ second }) => second),
    [60, 120, 180, 240],
  )
  assert.match(lines[0]?.text ?? '', / Last error: no answer$/)
})

test('a probe that never answers has no error to name', () => {
  const { circuit, log, lines, at } = openCircuit()
  at(90)
  log.stillOpen(circuit, null)
  assert.deepEqual(lines, [
    { second: 90, text: 'The handler "h" still fails, for 90 s and 0 probes.', code: undefined },
  ])
})
