import assert from 'node:assert/strict'
import { after, before, type TestContext, test } from 'node:test'
import { type EmbeddedPostgres, startPostgres } from '../../../dev/postgres/embedded-postgres.ts'
import type { LetterKinds, LetterPlan, LetterWork } from '../../../src/http/api/letter-types.ts'
import { CodedError } from '../../../src/kernel/errors.ts'
import type { DeadLetter } from '../../../src/kernel/shapes/dead-letter.ts'
import { formatCount } from '../../../src/kernel/text/figures.ts'
import { letterTargetOf } from '../../support/letter-target.ts'
import { letterOf, recordAt } from '../../support/letters.ts'
import { recordsOf } from '../../support/records/topic-records.ts'
import { until, useKafka } from '../harness.ts'
import { startAdministered, TOKEN, withIdleHandler } from '../service/administered.ts'
import { type Environment, plainEnvironment, runHere } from '../service/process.ts'

const embedded = useKafka()
let postgres: EmbeddedPostgres
before(async () => {
  postgres = await startPostgres()
})
after(() => postgres?.close())

/** In all; `LETTERS=10000` for the figures of docs/dead-letters.md. */
const LETTERS = Number(process.env['LETTERS'] ?? 150)

const TARGETS: Readonly<Record<string, () => Environment>> = {
  kafka: () => ({ OCC_DEAD_LETTERS_KAFKA_CREATE_TOPIC: 'true' }),
  postgres: () => ({ OCC_DEAD_LETTERS_POSTGRES_URL_FILE: postgres.urlFile }),
  file: () => ({}),
}

interface Problem {
  readonly status: number
  readonly detail: string
  readonly code?: string
}

/** A running service whose target has letters: two thirds of one kind, the others of another. */
async function scene(t: TestContext, target: string, count: number) {
  const topic = `letters-${target}-${count}`
  await embedded.createTopic(topic, 3)
  const env: Environment = {
    ...plainEnvironment(t, embedded.kafka, topic),
    OCC_DEAD_LETTERS_TARGET: target,
    OCC_DEAD_LETTERS_POSTGRES_TABLE: `letters_${count}`,
    ...TARGETS[target]?.(),
  }
  const { target: kept, group } = letterTargetOf(env)
  const letters = Array.from({ length: count }, (_, offset): DeadLetter => {
    const value = Buffer.from(JSON.stringify({ offset }))
    const record = recordAt(offset, { topic, partition: offset % 3, value })
    const failedAt = letterOf(0).failedAt + offset * 1_000
    if (offset % 3 < 2) return letterOf(offset, { record, failedAt, group })
    const error = new CodedError('OCC_HANDLER', `refused: password=hunter2 ${'x'.repeat(400)}`)
    return letterOf(offset, { record, failedAt, group, error, handler: 'whale' })
  })
  for (let from = 0; from < count; from += 500) {
    await Promise.all(letters.slice(from, from + 500).map((letter) => kept.keep(letter)))
  }
  await kept.close()
  const { service } = await startAdministered(t, env, await withIdleHandler(t, 'whale'))
  const url = `${await service.url()}/api/v1/dead-letters`

  async function ask<Answer>(method: 'GET' | 'POST', path = '', body?: object, token = TOKEN) {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(token !== '' && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return { status: response.status, body: (await response.json()) as Answer }
  }

  async function ended(action: 'redrive' | 'drop'): Promise<LetterWork> {
    let work: LetterWork | undefined
    await until(async () => {
      // Also refused at times: so many requests a second are too many.
      work = (await ask<{ work?: LetterWork }>('GET', `/${action}`)).body.work
      return work !== undefined && work.state !== 'running'
    }, `the ${action} has ended`)
    assert.ok(work !== undefined)
    return work
  }

  const dlq = async (...args: string[]) => (await runHere(['dlq', ...args], env)).stdout
  const lines = async (...args: string[]) =>
    (await dlq('list', '--json', ...args)).split('\n').filter((line) => line !== '')
  return { topic, group, service, ask, ended, dlq, lines }
}

for (const target of Object.keys(TARGETS)) {
  test(`${target}: letters are counted as by dlq, redriven once each, and dropped`, async (t) => {
    const { topic, group, service, ask, ended, dlq, lines } = await scene(t, target, LETTERS)
    const ofHandler = Math.floor(LETTERS / 3)
    const others = LETTERS - ofHandler
    for (const path of ['', '/redrive', '/drop']) {
      assert.equal((await ask('GET', path, undefined, '')).status, 401)
    }
    assert.equal((await ask('POST', '/drop', { all: true, dryRun: false }, '')).status, 401)

    const started = performance.now()
    const { body: found } = await ask<LetterKinds>('GET')
    const milliseconds = Math.round(performance.now() - started)
    console.log(`${target}: ${LETTERS} letters were counted in ${milliseconds} ms`)
    const counted = (await lines('--by', 'error,handler,topic')).map((line) => JSON.parse(line))
    assert.deepEqual(
      found.kinds.map((kind) => [
        kind.letters,
        kind.errorType,
        kind.handler,
        kind.topic,
        kind.first,
        kind.last,
        kind.sample.id,
      ]),
      counted.map((row) => [
        row.letters,
        row.error_type,
        row.handler,
        row.original_topic,
        row.first_failed_at,
        row.last_failed_at,
        row.sample,
      ]),
    )
    assert.deepEqual([found.letters, found.others, found.cut, found.more], [LETTERS, 0, null, 0])
    const [, whale] = found.kinds
    assert.equal(whale?.handler, 'whale')
    assert.match(`${whale?.sample.message}`, /^refused: password=\[redacted\] x+$/)
    assert.ok((whale?.sample.message.length ?? 0) <= 200)

    const choice = { errorType: 'OCC_HANDLER', handler: 'whale', topic }
    const dry = await ask<{ plan: LetterPlan }>('POST', '/redrive', choice)
    assert.equal(dry.body.plan.wanted, ofHandler)
    assert.match(
      await dlq('redrive', '--handler', 'whale'),
      new RegExp(`^${formatCount(ofHandler)} dead`),
    )
    const order = { ...choice, until: dry.body.plan.until, dryRun: false }
    // Slow enough that the second one comes while it is under way.
    const slow = { ...order, recordsPerSecond: 0.1 }
    const begun = await ask<{ work: LetterWork }>('POST', '/redrive', slow)
    assert.deepEqual([begun.status, begun.body.work.state], [200, 'running'])
    for (const action of ['/redrive', '/drop']) {
      const second = await ask<Problem>('POST', action, { all: true, dryRun: false })
      assert.deepEqual([second.status, second.body.code], [409, 'OCC_DEAD_LETTERS_LOCKED'])
      assert.match(second.body.detail, /a redrive by operator, in this pod/)
    }
    if (target !== 'kafka') {
      const cli = await dlq('drop', '--yes')
      assert.doesNotMatch(cli, /dropped/, 'the lock is that of dlq')
    }
    assert.equal((await ask('POST', '/redrive/cancel')).status, 200)
    const cancelled = await ended('redrive')
    assert.equal(cancelled.state, 'cancelled')
    assert.ok(cancelled.done < ofHandler)
    assert.equal((await ask('POST', '/redrive/cancel')).status, 409)

    assert.equal((await ask('POST', '/redrive', order)).status, 200)
    const done = await ended('redrive')
    assert.deepEqual(
      [done.state, done.done + cancelled.done, done.refused, done.error],
      ['done', ofHandler, 0, null],
    )
    const sent = (await recordsOf(embedded.broker, topic)).map(({ value }) => String(value))
    assert.deepEqual([sent.length, new Set(sent).size], [ofHandler, ofHandler], 'once each')
    await until(async () => {
      const committed = await embedded.committed(group, topic)
      return committed.reduce((total, offset) => total + Math.max(offset, 0), 0) === ofHandler
    }, 'the handler has had them')
    const left = (await lines()).map((line) => JSON.parse(line))
    assert.equal(left.length, others)
    assert.ok(left.every((each) => each.handler === null && each.sending_since === null))

    assert.equal((await ask('POST', '/drop', { all: true, dryRun: false })).status, 200)
    assert.deepEqual((await ended('drop')).done, others)
    assert.match(await dlq('list'), /^No dead letters/)
    const audit = service.lines.filter(({ event }) => event.startsWith('admin.letters-'))
    assert.deepEqual(
      audit.map(({ event, action, who }) => [event, action, who]),
      [
        ['admin.letters-begun', 'redrive', 'operator'],
        ['admin.letters-cancelled', 'redrive', 'operator'],
        ['admin.letters-ended', 'redrive', 'operator'],
        ['admin.letters-begun', 'redrive', 'operator'],
        ['admin.letters-ended', 'redrive', 'operator'],
        ['admin.letters-begun', 'drop', 'operator'],
        ['admin.letters-ended', 'drop', 'operator'],
      ],
    )
    assert.doesNotMatch(JSON.stringify(audit), new RegExp(`${TOKEN}|hunter2`))
  })
}

test('what is chosen is exact, and nothing is chosen by leaving it out', async (t) => {
  const { ask, service, dlq } = await scene(t, 'file', 9)
  const wanted = async (choice: object) => {
    const { body } = await ask<{ plan: LetterPlan }>('POST', '/drop', choice)
    return body.plan.wanted
  }
  assert.equal(await wanted({ handler: null }), 6)
  assert.equal(await wanted({ handler: 'whale' }), 3)
  assert.equal(await wanted({ handler: 'whal' }), 0)
  assert.equal(await wanted({ all: true, until: '2025-01-02T03:04:06Z' }), 1)
  for (const [body, why] of [
    [{}, /choose letters by/],
    [{ dryRun: false }, /choose letters by/],
    [{ all: true, topic: 'a' }, /or else "all"/],
    [{ all: true, until: 'noon' }, /until/],
    [{ all: true, more: 1 }, /additional properties/],
  ] as const) {
    const { status, body: problem } = await ask<Problem>('POST', '/drop', body)
    assert.equal(status, 400, JSON.stringify(body))
    assert.match(problem.detail, why)
  }

  // It ends with the service: what was not sent is still there.
  const slow = { handler: null, dryRun: false, recordsPerSecond: 0.1 }
  assert.equal((await ask('POST', '/redrive', slow)).status, 200)
  const { code, lines } = await service.end()
  assert.equal(code, 0)
  const line = lines.find(({ event }) => event === 'admin.letters-ended')
  assert.equal(line?.['state'], 'cancelled')
  assert.match(await dlq('list'), new RegExp(`^${9 - Number(line?.['done'])} dead letters`, 'm'))
  assert.doesNotMatch(await dlq('list'), /sent\?/)
})
