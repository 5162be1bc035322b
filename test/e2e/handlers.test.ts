import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startHostPostgres } from './harness/host/postgres.ts'
import { createOperator } from './harness/operator.ts'
import { printFigures, recordFigures } from './harness/print.ts'
import { scenario } from './harness/scenario.ts'
import { TOPIC } from './harness/scene.ts'
import { mergeValues } from './harness/values.ts'
import { until } from './harness/waiting.ts'

const GOOD = 400
const ODD = 25
const AFTER = 20
const WHILE_PAUSED = 60
const PARTITIONS = 4
const TOKEN = randomBytes(16).toString('hex')

/** TypeScript that runs as it is; the types are nowhere but in the service's image. */
const handler = (odd: string) => `
import { defineHandler, type Message } from 'onchain-consumer'
import { idOf } from './id.ts'

export default defineHandler({
  name: 'orders',
  async handle(message: Message, { emit }) {
    const id: string = idOf(message.document)
    ${odd}
    await emit('out', { id })
  },
})
`
const BROKEN = handler("if (id.startsWith('odd')) throw new TypeError('no rule for ' + id)")
const REPAIRED = handler('')
const ID = 'export const idOf = (document: unknown) => (document as { id: string }).id'

scenario(
  'handlers',
  'a handler from a ConfigMap: dead letters in Postgres, listed, redriven once it is repaired; pause, lag and rewind from outside of the cluster',
  async (scene) => {
    const { namespace, release, values, undo, http, lines, account, watch, kafka } = scene
    const { settled, produce, drained } = scene
    const secret = ['create', 'secret', 'generic']
    const url = await startHostPostgres(undo)
    await namespace.kubectl([...secret, 'dead-letters', `--from-literal=url=${url}`])
    await namespace.kubectl([...secret, 'admin', `--from-literal=token=${TOKEN}`])
    const broken = mergeValues(values, {
      config: {
        handlers: [{ path: '/etc/onchain-consumer/handlers/orders.ts', timeout: '5s' }],
        sinks: { out: { type: 'log' } },
        // In a worker thread first, in the main thread after the upgrade.
        processing: { order: 'key', workers: 1, workerMemory: '64MiB' },
        deadLetters: { target: 'postgres' },
      },
      handlerFiles: { files: { 'orders.ts': BROKEN, 'id.ts': ID } },
      deadLetters: { postgres: { existingSecret: 'dead-letters' } },
      admin: { existingSecret: 'admin' },
    })
    await release.install(broken, '--wait', '--timeout', '90s')
    const [first] = await settled(1, 30)
    assert.ok(first)
    const metric = (name: string, label = '') =>
      http.metric(watch.pods[0]?.metadata.name ?? '', `onchain_consumer_${name}`, label)

    // Handled, or dead: nothing else is left.
    await produce({ count: GOOD - AFTER, prefix: 'good' })
    await produce({ count: ODD, prefix: 'odd' })
    // So many odd ones in a row look like an outage, if no good one is handled between them. A success
    // ends it, and the handler's successes after that show that the odd ones are bad.
    await produce({ count: AFTER / 2, prefix: 'after' })
    await until('the first of them to be handled', 60, () => account.missing() === ODD)
    await produce({ count: AFTER / 4, prefix: 'later' })
    await until('the circuit to be closed', 60, () => {
      const count = (name: string) => lines.filter(({ event }) => event === name).length
      return count('circuit.closed') === count('circuit.opened')
    })
    await produce({ count: AFTER / 4, prefix: 'last' })
    await until('the odd ones to be dead, the others handled', 60, async () => {
      const [dead, out] = [await metric('dead_letters_kept_total'), account.missing()]
      if (dead === ODD && out === ODD) return true
      throw new Error(`${dead} dead letters, ${out} records not handled`)
    })
    assert.equal(await metric('workers'), 1)
    const emitted = () =>
      lines.filter(({ event, sink }) => event === 'value.emitted' && sink === 'out').length
    // Their lines come through the kubelet, like those of the records.
    await until('what they emitted', 30, () => emitted() >= GOOD)
    assert.equal(emitted(), GOOD)

    const dlq = (...args: readonly string[]) =>
      namespace.kubectl([
        ...['exec', `deployment/${release.fullName}`, '--'],
        ...['node', '/app/dist/main.js', 'dlq', ...args],
      ])
    const letters = (await dlq('list', '--json'))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
    assert.equal(letters.length, ODD)
    for (const letter of letters) {
      assert.equal(letter.original_topic, TOPIC)
      assert.equal(letter.handler, 'orders')
      assert.match(letter.error_message, /no rule for odd-/)
    }

    // From here on by somebody who may not exec into pods.
    const { folder, run, ask } = await createOperator(undo, namespace, 'admin')
    const ofRelease = ['--release', release.name]
    const guessed = join(folder, 'guessed')
    writeFileSync(guessed, 'not-the-token-at-all')
    const pause = ['pause', '--topic', TOPIC, ...ofRelease]
    const stranger = await run(...pause, '--token-file', guessed)
    assert.match(stranger.stderr, /answers 401/)
    assert.match(await ask(...pause), new RegExp(`pod/${first.metadata.name}: paused`))
    await produce({ count: WHILE_PAUSED, prefix: 'paused' })
    await until('the lag of what was produced meanwhile', 30, async () => {
      const { lag } = JSON.parse(await ask('status', ...ofRelease, '--json'))
      return lag.totals.lag >= WHILE_PAUSED
    })
    const brokers = ['--brokers', kafka.brokers.plaintext, '--group', 'handlers-group']
    const behind = JSON.parse(await ask('lag', ...ofRelease, ...brokers, '--over', '0s', '--json'))
    assert.deepEqual([behind.lag, behind.trend], [WHILE_PAUSED, 'held'])
    assert.equal(account.missing(), ODD + WHILE_PAUSED, 'nothing is handled while it is paused')
    assert.equal(await metric('operator_pause', `topic="${TOPIC}"`), 1)
    await ask('resume', '--topic', TOPIC, ...ofRelease)
    await until('what was produced meanwhile', 30, () => account.missing() === ODD)

    // The repaired module makes new pods; then the letters come back, each once.
    const repaired = mergeValues(broken, {
      config: { processing: { workers: 0 } },
      handlerFiles: { files: { 'orders.ts': REPAIRED } },
    })
    await release.upgrade(repaired, '--wait', '--timeout', '120s')
    const [second] = await settled(1, 60)
    assert.notEqual(second?.metadata.name, first.metadata.name)
    assert.match(await dlq('redrive', '--handler', 'orders'), /Nothing was sent/)
    const sent = await dlq('redrive', '--handler', 'orders', '--yes')
    assert.match(sent, new RegExp(`${ODD} sent to the topics they came from`))
    await drained(60)
    assert.match(await dlq('list'), /No dead letters/)

    // A key that counts at once makes no new pods. The kubelet looks at a pod that changes at once.
    const slower = mergeValues(repaired, { config: { processing: { maxRecordsPerSecond: 900 } } })
    await release.upgrade(slower, '--wait', '--timeout', '60s')
    await namespace.kubectl(['annotate', 'pod', second?.metadata.name ?? '', 'look=now'])
    const changed = await until('the changed configuration', 90, () =>
      lines.find(({ event, pod }) => event === 'config.changed' && pod === second?.metadata.name),
    )
    assert.deepEqual(changed['applied'], ['processing.maxRecordsPerSecond'])
    assert.deepEqual(
      watch.pods.map(({ metadata }) => metadata.name),
      [second?.metadata.name],
    )

    const totals = account.totals()
    assert.deepEqual(totals.lost, [])
    assert.equal(totals.repeated, 0)

    // One partition back to its first record, without a new pod.
    const before = account.offsets(TOPIC, 0).length
    const end = Math.max(...account.offsets(TOPIC, 0)) + 1
    const rewind = ['offsets', 'set', '--topic', TOPIC, '--partition', '0', '--to', 'beginning']
    const undoFile = join(folder, 'undo.json')
    const moved = await ask(...rewind, ...ofRelease, '--yes', '--undo', undoFile)
    assert.match(moved, new RegExp(`offsets import ${undoFile} .*--release ${release.name}`))
    const again = await until('the partition to be handled again', 60, () => {
      const since = new Set(account.offsets(TOPIC, 0).slice(before))
      return since.size === end && since
    })
    const state = JSON.parse(await ask('offsets', 'status', ...ofRelease, '--json'))
    assert.equal(state.partitions.length, PARTITIONS)

    printFigures('handlers', {
      ...recordFigures(totals),
      dead: letters.length,
      redriven: ODD,
      'while paused': WHILE_PAUSED,
      'rewound and handled again': again.size,
    })
  },
  { partitions: PARTITIONS },
)
