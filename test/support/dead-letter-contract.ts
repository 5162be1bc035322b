import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { MAX_STACK } from '../../src/kernel/error-stack.ts'
import { CodedError, OccError } from '../../src/kernel/errors.ts'
import type { DeadLetterTarget } from '../../src/kernel/shapes/dead-letter.ts'
import { headersFrom } from '../../src/kernel/shapes/record.ts'
import { MAX_TEXT } from '../../src/kernel/text/redact-text.ts'
import { outlineOf } from '../../src/sink/dead-letters/outline.ts'
import type {
  DeadLetterStore,
  LetterFilter,
  StoredLetter,
} from '../../src/sink/dead-letters/types.ts'
import { letterOf, listed, oddHeaders, recordAt } from './letters.ts'

export interface Kept {
  readonly target: DeadLetterTarget
  /** A store of its own, closed with the test, as a CLI beside the service has. */
  open(): Promise<DeadLetterStore>
}

/** A place for letters that nobody else uses, and that does not exist yet, for letters of the named topics. */
export type OpenPlace = (t: TestContext, topics: readonly string[]) => Promise<Kept>

const offsets = (letters: readonly StoredLetter[]) => letters.map(({ record }) => record.offset)

/** What every target and its store must do alike. */
export function testContract(name: string, open: OpenPlace): void {
  test(`${name}: the place of the letters is named, and whether it exists; looking creates nothing`, async (t) => {
    const { target, open: store } = await open(t, ['transfers'])
    const cli = await store()
    const found = async () => (await cli.places({})).map(({ exists }) => exists)
    assert.deepEqual(await found(), [false])
    assert.deepEqual(await found(), [false])
    await target.keep(letterOf(1))
    assert.deepEqual(await found(), [true])
    const [place] = await cli.places({})
    assert.match(
      `${place?.name}`,
      /^the (folder \/|topic transfers\.dlq-\d+ at \S+:\d+$|table public\.letters_\d+ of the database postgres$)/,
    )
  })

  test(`${name}: outlines are the same letters without bytes; a reading ends when it is told to`, async (t) => {
    const { target, open: store } = await open(t, ['transfers'])
    const error = new CodedError('OCC_JSON', 'x'.repeat(3_000))
    for (const offset of [1, 2, 3, 4]) {
      await target.keep(letterOf(offset, { error, ...(offset === 3 && { handler: 'alerts' }) }))
    }
    const cli = await store()
    const [first, second] = await listed(cli)
    assert.ok(first && second)
    await cli.end([first], 'dropped')
    await cli.sending([second])
    const letters = await listed(cli)
    assert.equal(letters.length, 3)
    assert.deepEqual(await listed(cli, {}, { outlines: true }), letters.map(outlineOf))
    const exact = await listed(cli, { exactHandler: null }, { outlines: true })
    assert.deepEqual(offsets(exact), [2, 4])
    for (const outlines of [false, true]) {
      let left = 2
      const some = await listed(cli, {}, { outlines, goesOn: () => --left > 0 })
      assert.ok(some.length <= 2)
      const tooMany = () => {
        throw new Error('too many')
      }
      await assert.rejects(listed(cli, {}, { outlines, goesOn: tooMany }), /too many/)
    }
  })

  test(`${name}: a letter comes back with all that it was kept with`, async (t) => {
    const { target, open: store } = await open(t, ['transfers'])
    const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
    const record = recordAt(7, { key: everyByte, value: everyByte, headers: oddHeaders() })
    const failed = letterOf(7, {
      record,
      error: new OccError('OCC_HANDLER', 'failed at "\0" – twice'),
      handler: 'alerts,indexer',
      attempts: 5,
      redrives: 2,
    })
    await target.keep(failed)
    const [letter, ...others] = await listed(await store())
    assert.ok(letter !== undefined && others.length === 0)
    assert.deepEqual(letter.record, record)
    assert.equal(letter.errorType, 'OCC_HANDLER')
    assert.match(letter.errorMessage, /^failed at "." – twice$/s)
    assert.deepEqual(
      [letter.handler, letter.attempts, letter.redrives, letter.failedAt, letter.sendingSince],
      ['alerts,indexer', 5, 2, failed.failedAt, null],
    )
  })

  test(`${name}: whatever a producer sent can be kept`, async (t) => {
    const { target, open: store } = await open(t, ['transfers'])
    const odd = [
      recordAt(0, { key: null, value: null }),
      recordAt(1, { timestamp: 1_700_000_000_000_000_000 }),
      recordAt(2, { timestamp: -1 }),
      recordAt(3, { key: Buffer.alloc(0), value: Buffer.alloc(0) }),
    ]
    await Promise.all(odd.map((record) => target.keep(letterOf(0, { record }))))
    const found = await listed(await store())
    assert.deepEqual(
      found.map(({ record }) => record),
      odd,
    )
  })

  test(`${name}: names of headers one by one, and with none of JavaScript's own`, async (t) => {
    const { target, open: store } = await open(t, ['transfers'])
    const records = Object.entries(oddHeaders()).map((entry, offset) =>
      recordAt(offset, { headers: headersFrom([entry]) }),
    )
    await Promise.all(records.map((record) => target.keep(letterOf(0, { record }))))
    const found = (await listed(await store())).map(({ record }) => record)
    assert.deepEqual(found, records)
    for (const { headers } of found) assert.equal(headers?.['valueOf'], undefined)
  })

  test(`${name}: an error of any length and with any secret is kept, bounded and without the secret`, async (t) => {
    const { target, open: store } = await open(t, ['transfers'])
    const secret = 'GET https://tok3n@host/?apikey=s3cret: Bearer s3cret, user:s3cret@db'
    const error = new OccError('OCC_HANDLER', `${secret} ${'<html>\0😀'.repeat(200_000)}`)
    await target.keep(letterOf(1, { error }))
    const [letter] = await listed(await store())
    const { errorMessage = '' } = letter ?? {}
    assert.ok(errorMessage.startsWith('GET https://[redacted]@host/?apikey=[redacted]'))
    assert.ok(errorMessage.length <= MAX_TEXT + 10, String(errorMessage.length))
    assert.doesNotMatch(errorMessage, /s3cret|tok3n/)
  })

  test(`${name}: the stack of a handler's error comes back beside its message`, async (t) => {
    const { target, open: store } = await open(t, ['transfers'])
    const stack = `TypeError: x\n    at handle (/handlers/whale.ts:7:11)\n${'    at y (z.ts:1:1)\n'.repeat(900)}`
    const cause = Object.assign(new TypeError('x'), { stack })
    const error = new OccError('OCC_HANDLER', 'failed: TypeError: x', { cause })
    await target.keep(letterOf(1, { error, handler: 'whale' }))
    const [letter] = await listed(await store())
    assert.equal(letter?.errorMessage, 'failed: TypeError: x')
    assert.match(
      letter.errorStack ?? '',
      /^ {4}at handle \(\/handlers\/whale\.ts:7:11\)\n {4}at y /,
    )
    assert.equal(letter.errorStack?.length, MAX_STACK)
  })

  test(`${name}: a letter that is kept twice is one letter, the newest`, async (t) => {
    const { target, open: store } = await open(t, ['transfers'])
    const first = letterOf(1)
    await target.keep(first)
    await target.keep(letterOf(1, { attempts: 3, failedAt: first.failedAt + 1_000 }))
    await target.keep(letterOf(1, { handler: 'alerts' }))
    const found = await listed(await store())
    const facts = found.map(({ handler, attempts }) => `${handler} ${attempts}`)
    assert.deepEqual(facts.sort(), ['alerts 1', 'null 3'])
  })

  test(`${name}: letters of two groups for one record are two letters, each with its group`, async (t) => {
    const { target, open: store } = await open(t, ['transfers'])
    await target.keep(letterOf(1, { group: 'billing' }))
    await target.keep(letterOf(1, { group: 'audit' }))
    const cli = await store()
    const found = await listed(cli)
    assert.deepEqual(found.map(({ group }) => group).sort(), ['audit', 'billing'])
    await cli.end(
      found.filter(({ group }) => group === 'audit'),
      'redriven',
    )
    assert.deepEqual(
      (await listed(cli)).map(({ group }) => group),
      ['billing'],
    )
  })

  test(`${name}: filters`, async (t) => {
    const { target, open: store } = await open(t, ['transfers', 'trades'])
    const { failedAt } = letterOf(0)
    const letters = [
      letterOf(1),
      letterOf(2, { handler: 'alerts,indexer' }),
      letterOf(3, { error: new OccError('OCC_HANDLER', 'x'), failedAt: failedAt + 5_000 }),
      letterOf(4, { record: recordAt(4, { topic: 'trades' }), failedAt: failedAt + 9_000 }),
    ]
    await Promise.all(letters.map((letter) => target.keep(letter)))
    const all = await store()
    const found = async (filter: LetterFilter) => offsets(await listed(all, filter)).sort()
    assert.deepEqual(await found({}), [1, 2, 3, 4])
    assert.deepEqual(await found({ errorTypes: ['OCC_HANDLER'] }), [3])
    assert.deepEqual(await found({ topics: ['trades'] }), [4])
    assert.deepEqual(await found({ handlers: ['indexer'] }), [2])
    assert.deepEqual(await found({ since: failedAt + 5_000 }), [3, 4])
    assert.deepEqual(await found({ until: failedAt + 5_000 }), [1, 2])
    assert.deepEqual(await found({ names: ['transfers/1/2'] }), [2])
    const [letter] = await listed(all, { topics: ['trades'] })
    assert.deepEqual(await found({ names: [letter?.id ?? ''] }), [4])
    assert.deepEqual(await found({ errorTypes: ['OCC_NONE'] }), [])
  })

  test(`${name}: what is ended is gone, also for others; what fails again is there again`, async (t) => {
    const { target, open: store } = await open(t, ['transfers'])
    await Promise.all([1, 2, 3].map((offset) => target.keep(letterOf(offset))))
    const cli = await store()
    await cli.lock({})
    const [one, two] = await listed(cli)
    assert.ok(one && two)
    await cli.sending([one, two])
    assert.deepEqual(
      (await listed(cli)).map(({ sendingSince }) => sendingSince === null),
      [false, false, true],
    )
    await cli.returned([two])
    assert.equal((await listed(cli))[1]?.sendingSince, null)
    await cli.end([one], 'redriven')
    await cli.end([two], 'dropped')
    assert.deepEqual(offsets(await listed(cli)), [3])
    await cli.close()
    const other = await store()
    assert.deepEqual(offsets(await listed(other)), [3])
    await target.keep(letterOf(1, { failedAt: one.failedAt + 1 }))
    assert.deepEqual(offsets(await listed(other)).sort(), [1, 3])
  })

  test(`${name}: a letter of a record that fails again while it is sent is a new one, not sent yet`, async (t) => {
    const { target, open: store } = await open(t, ['transfers'])
    await target.keep(letterOf(1))
    const cli = await store()
    await cli.lock({})
    const [before] = await listed(cli)
    assert.ok(before)
    await cli.sending([before])
    await target.keep(letterOf(1, { failedAt: before.failedAt + 1 }))
    await cli.end([before], 'redriven')
    const found = (await listed(cli)).map(({ failedAt, sendingSince }) => [failedAt, sendingSince])
    assert.deepEqual(found, [[before.failedAt + 1, null]])
  })

  test(`${name}: one redrive at a time`, async (t) => {
    const { target, open: store } = await open(t, ['transfers'])
    await target.keep(letterOf(1))
    const one = await store()
    const other = await store()
    await one.lock({})
    await assert.rejects(other.lock({}), { code: 'OCC_DEAD_LETTERS_LOCKED' })
    const letters = await listed(one)
    await one.sending(letters)
    await one.end(letters, 'redriven')
    await one.close()
    await other.lock({})
    assert.deepEqual(await listed(other), [])
  })

  test(`${name}: a thousand letters that fail at once are all kept`, async (t) => {
    const { target, open: store } = await open(t, ['transfers'])
    const value = Buffer.alloc(3_000, 'x')
    const numbers = Array.from({ length: 1_000 }, (_, offset) => offset)
    await Promise.all(
      numbers.map((offset) => target.keep(letterOf(0, { record: recordAt(offset, { value }) }))),
    )
    const found = await listed(await store())
    assert.deepEqual(
      offsets(found).sort((a, b) => a - b),
      numbers,
    )
  })
}
