import assert from 'node:assert/strict'
import { suite } from 'node:test'
import { environment } from './harness/environment.ts'
import { terminationMessage } from './harness/kubernetes/objects.ts'
import { createLogin } from './harness/kubernetes/secrets.ts'
import { printFigures } from './harness/print.ts'
import { scenario } from './harness/scenario.ts'
import { mergeValues } from './harness/values.ts'
import { until } from './harness/waiting.ts'

const events = { kubernetes: { events: { enabled: true } } }

// They mostly wait for the cluster, so they do it at the same time.
suite('mistakes, each in a namespace of its own', { concurrency: true }, () => {
  scenario(
    'wrong-password',
    'a wrong password: the container ends, says why where describe shows it, and recovers by itself',
    async ({ kafka, namespace, release, values, watch, settled }) => {
      const { username, password } = kafka.credentials
      await createLogin(namespace, username, 'not-the-password')
      await release.install(mergeValues(values, events))
      const message = await until('an end of the container with a reason', 90, () =>
        terminationMessage(watch.pods[0]),
      )
      assert.match(message, /password|authenticat/i)
      assert.doesNotMatch(message, /not-the-password/)
      printFigures('wrong password', { 'kubectl describe, Last State': message })
      const described = await namespace.kubectl(['describe', 'pods'])
      assert.match(described, /password|authenticat/i)

      await createLogin(namespace, username, password)
      const [pod] = await settled(1, 180)
      assert.ok(pod)
    },
  )

  scenario(
    'missing-secret',
    'a missing Secret: the notes and the Events of the pod name it; made later, the pod starts',
    async ({ kafka, namespace, release, values, settled }) => {
      await namespace.kubectl(['delete', 'secret', 'stream-login'])
      const notes = await release.install(values)
      const warning = notes.split('\n').filter((line) => line.includes('stream-login'))
      assert.notDeepEqual(warning, [], notes)
      const event = await until('an Event that names the Secret', 60, async () =>
        (await namespace.events()).find(
          ({ reason, message }) => reason === 'FailedMount' && message.includes('stream-login'),
        ),
      )
      printFigures('missing Secret', { notes: warning.join('\n'), Event: event.message })
      await createLogin(namespace, kafka.credentials.username, kafka.credentials.password)
      await settled(1, 180)
    },
  )

  scenario(
    'unreachable-broker',
    'an unreachable broker: not ready, not restarted, and every place says which address',
    async ({ namespace, release, values, watch, http, lines }) => {
      const broker = `${environment.host}:1`
      const brokers = [broker]
      await release.install(mergeValues(values, { ...events, config: { kafka: { brokers } } }))
      const pod = await until('the pod to run', 60, () => {
        const [pod] = watch.pods
        return pod?.status.containerStatuses?.[0]?.state?.running === undefined ? undefined : pod
      })
      const { name } = pod.metadata
      await until('a reason in /readyz', 60, async () => {
        const { status, body } = await http.get(name, '/readyz')
        return status === 503 && body.includes(broker)
      })
      await until('a reason in the log', 30, () =>
        lines.some(({ level, msg }) => level !== 'info' && msg.includes(broker)),
      )
      const event = await until('the Event of a pod that is not ready', 60, async () =>
        (await namespace.events()).find(
          ({ reason, message }) => reason === 'NotReady' && message.includes(broker),
        ),
      )
      printFigures('unreachable broker', { Event: event.message })
      assert.ok((await namespace.kubectl(['describe', 'pod', name])).includes(broker))
      const [status] = watch.pods[0]?.status.containerStatuses ?? []
      assert.equal(status?.restartCount, 0)
      assert.equal(status.ready, false)
    },
  )

  scenario(
    'missing-topic',
    'a missing topic: not ready, says which; once the topic is made, its records are read',
    async ({ kafka, namespace, release, values, watch, http, produce, drained, settled }) => {
      const topic = 'solana.transfrs'
      const missing = mergeValues(values, { ...events, config: { kafka: { topics: [topic] } } })
      await release.install(missing)
      const pod = await until('the pod', 60, () => watch.pods[0])
      const { name } = pod.metadata
      await until('a reason in /readyz', 60, async () => {
        const { status, body } = await http.get(name, '/readyz')
        return status === 503 && body.includes(topic)
      })
      const event = await until('the Event of a pod that is not ready', 60, async () =>
        (await namespace.events()).find(
          ({ reason, message }) => reason === 'NotReady' && message.includes(topic),
        ),
      )
      printFigures('missing topic', { Event: event.message })
      await kafka.tools.createTopic(topic, 3)
      await produce({ topic, partitions: 3, count: 300 })
      const [ready] = await settled(1, 90)
      await drained(60)
      assert.equal(ready?.metadata.uid, pod.metadata.uid)
      assert.equal(ready.status.containerStatuses?.[0]?.restartCount, 0)
    },
  )
})
