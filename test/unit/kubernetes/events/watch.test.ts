import assert from 'node:assert/strict'
import test from 'node:test'
import { adviceConditions } from '../../../../src/kubernetes/conditions/advice.ts'
import { certificateConditions } from '../../../../src/kubernetes/conditions/certificates.ts'
import { createReadinessWatch } from '../../../../src/kubernetes/events/readiness-watch.ts'
import { DEPLOYMENT, handClock, POD } from '../fakes.ts'

const DAY = 86_400_000

test('a pod that is not ready is reported after 30 s, and so is the end of that', () => {
  const clock = handClock()
  let reasons: string[] = []
  const look = createReadinessWatch(() => ({ ready: reasons.length === 0, reasons }), clock)
  const at = (seconds: number, why: string[]) => {
    clock.time = seconds * 1000
    reasons = why
    return look()
  }
  assert.deepEqual(at(0, ['joining']), { lasting: null, over: null })
  assert.deepEqual(at(20, []), { lasting: null, over: null })
  assert.deepEqual(at(100, ['connecting']), { lasting: null, over: null })
  assert.deepEqual(at(129, ['connecting']), { lasting: null, over: null })
  assert.deepEqual(at(130, ['a', 'b']), { lasting: 'a; b', over: null })
  assert.deepEqual(at(195, []), { lasting: null, over: 95_000 })
  assert.deepEqual(at(200, []), { lasting: null, over: null })
})

test('an expiring certificate is reported only within the warning, in days and then in hours', () => {
  const noteFor = (left: number) =>
    certificateConditions(
      [{ name: 'client', subject: 'CN=bot\nO=x', notAfter: 100 * DAY + left }],
      14 * DAY,
      100 * DAY,
      POD,
    ).map(({ reason, note }) => `${reason}: ${note.slice(0, 62)}`)
  assert.deepEqual(noteFor(15 * DAY), [])
  const client = 'The client certificate CN=bot O=x'
  assert.match(noteFor(13.9 * DAY).join(), new RegExp(`Expiring: ${client} expires in 13 days`))
  assert.match(noteFor(DAY).join(), new RegExp(`Expiring: ${client} expires in 24 hours`))
  assert.match(noteFor(0).join(), new RegExp(`Expired: ${client} expired at`))
})

test('a pod that does not lead reports only what is about itself', () => {
  const objects = { pod: POD, owner: DEPLOYMENT }
  const advice = (
    ['add-partitions', 'remove-replicas', 'raise-concurrency', 'relax-order'] as const
  ).map((kind) => ({ kind, text: kind }))
  const said = (isLeader: boolean) =>
    adviceConditions(advice, isLeader, objects).map(
      ({ reason, regarding }) => `${reason} on ${regarding.kind}`,
    )
  assert.deepEqual(said(false), ['RaiseConcurrency on Pod', 'RelaxOrder on Pod'])
  assert.deepEqual(said(true), [
    'AddPartitions on Deployment',
    'RemoveReplicas on Deployment',
    'RaiseConcurrency on Pod',
    'RelaxOrder on Pod',
  ])
})
