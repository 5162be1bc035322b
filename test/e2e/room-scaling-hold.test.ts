import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../support/waiting.ts'
import { useNamespace } from './room/cluster.ts'
import { documentedRules } from './room/documented-rules.ts'
import { pendingDeployment, scaledObject } from './room/objects.ts'
import { failures, LEASE, optionsIn, start } from './room/starting.ts'

const namespace = useNamespace()
const OPEN = 'the circuit of handler whale is open'

const podsOf = async (name: string) =>
  Number(await namespace.kubectl('get', 'deployment', name, '-o', 'jsonpath={.spec.replicas}'))
const autoscalers = async () => namespace.kubectl('get', 'hpa', '-o', 'name')

/** A release of three pods that KEDA keeps between two and nine, and its account. */
async function release(name: string) {
  await namespace.apply(pendingDeployment(name, 3), scaledObject(name, name, 2, 9))
  const leaseName = `${LEASE}-${name}`
  const account = await namespace.account(
    documentedRules(
      ['leader election', 'partition sync', 'partition sync, `ScaledObject`', 'scaling hold'],
      { 'kubernetes.leaseName': leaseName, 'kubernetes.partitionSync.name': name },
    ),
  )
  const options = (podName: string) =>
    optionsIn(namespace, { podName, leaseName, scalingHold: { name, interval: 500 } })
  await until(async () => (await autoscalers()).includes(`keda-hpa-${name}`), 'KEDA scales it')
  const paused = () =>
    namespace.kubectl(
      ...['get', 'scaledobject', name, '-o'],
      'jsonpath={.metadata.annotations.autoscaling\\.keda\\.sh/paused-replicas}',
    )
  return { account, options, paused }
}

test('KEDA keeps the number of pods while a circuit is open, and scales again after it', async (t) => {
  const { account, options, paused } = await release('held')
  const before = await podsOf('held')
  let why: string | null = OPEN
  const room = start(options('held-0'), account, { hold: () => why })
  t.after(room.stop)
  await until(async () => (await paused()) === String(before), 'KEDA is paused')
  await until(async () => !(await autoscalers()).includes('keda-hpa-held'), 'its HPA is gone')
  assert.equal(await podsOf('held'), before)
  const text = await namespace.kubectl('describe', 'scaledobject', 'held')
  assert.match(text, /ScalingHeld.*onchain-consumer.*the circuit of handler whale is open/)

  why = null
  await until(async () => (await paused()) === '', 'the pause is over')
  await until(async () => (await autoscalers()).includes('keda-hpa-held'), 'KEDA scales again')
  assert.deepEqual(failures(room), [])
})

test('what a leader leaves that dies is taken away by the next; one by hand is not', async (t) => {
  const { account, options, paused } = await release('left')
  const first = start(options('left-0'), account, { hold: () => OPEN })
  await until(async () => (await paused()) !== '', 'KEDA is paused')
  await first.stop()
  assert.equal(await paused(), '', 'one that stops takes it away itself')

  const ours = 'autoscaling.keda.sh/paused-replicas=2'
  const held = 'onchain-consumer/held-replicas=2'
  await namespace.kubectl('annotate', 'scaledobject', 'left', ours, held)
  const second = start(options('left-1'), account, { hold: () => null })
  t.after(second.stop)
  await until(async () => (await paused()) === '', 'the next leader takes away what was left')
  await namespace.kubectl('annotate', 'scaledobject', 'left', ours)
  await until(
    () => second.lines.filter(({ fields }) => fields.event === 'scaling.released').length === 1,
    'said once',
  )
  await second.stop()
  assert.equal(await paused(), '2')
  assert.deepEqual(failures(second), [])
})
