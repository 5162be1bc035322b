import assert from 'node:assert/strict'
import test from 'node:test'
import { CodedError } from '../../../../src/kernel/errors.ts'
import { createLogger, type LoggerOptions } from '../../../../src/observe/log/logger.ts'
import { createMeters } from '../../../../src/observe/meters/meters.ts'

function setUp(options: Partial<LoggerOptions> = {}) {
  const lines: string[] = []
  const destination = { write: (text: string) => lines.push(text), isTTY: false }
  const log = createLogger({ level: 'info', format: 'json', destination, ...options })
  const objects = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  return { log, lines, objects }
}

test('a line has an ISO time, a level in words, the service, the room, the event and a text', () => {
  const { log, lines, objects } = setUp()
  log.child({ room: 'flow' }).warn({ event: 'partition.waiting', partition: 3 }, 'No leader')
  const [{ time, ...rest } = {}] = objects()
  assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  assert.deepEqual(rest, {
    level: 'warn',
    service: 'onchain-consumer',
    room: 'flow',
    event: 'partition.waiting',
    partition: 3,
    msg: 'No leader',
  })
  assert.match(lines[0] ?? '', /^[^\n]*\n$/)
})

test('a changed level applies to existing children', () => {
  const { log, objects } = setUp()
  const child = log.child({ room: 'flow' }).child({ member: 'a' })
  child.debug({ event: 'link.closed' }, 'too fine')
  log.level = 'debug'
  child.debug({ event: 'link.closed' }, 'now written')
  log.level = 'silent'
  child.fatal({ event: 'service.failed' }, 'not even this')
  assert.deepEqual(
    objects().map(({ event }) => event),
    ['link.closed'],
  )
  assert.equal(log.level, 'silent')
})

test('only written lines are counted', () => {
  const { loggedLines } = createMeters().process
  const { log } = setUp({ loggedLines })
  log.debug({ event: 'link.closed' }, '')
  log.child({ room: 'flow' }).error({ event: 'http.failed' }, '')
  assert.deepEqual(loggedLines, { trace: 0, debug: 0, info: 0, warn: 0, error: 1, fatal: 0 })
})

test('a field cannot take the place of what the logger writes, nor a name appear twice', () => {
  const { log, lines, objects } = setUp()
  log
    .child({ room: 'flow' })
    .info({ event: 'service.started', level: 9, msg: 'x', room: 'http' }, 'text')
  const [line = {}] = objects()
  assert.deepEqual(
    [line['level'], line['msg'], line['level_'], line['msg_']],
    ['info', 'text', 9, 'x'],
  )
  assert.equal(lines[0]?.match(/"room"/g)?.length, 1)
})

test('an OccError is written as code, message and causes; others keep the stack a bug is found by', () => {
  const { log, objects } = setUp()
  const root = new Error('connect refused')
  const cause = new AggregateError([root], '', { cause: new Error('dns') })
  log.error({ event: 'http.failed', error: new CodedError('OCC_X', 'No broker', { cause }) }, '')
  log.error({ event: 'http.failed', failure: { deep: [new TypeError('bug')] } }, '')
  const [first, second] = objects()
  assert.deepEqual(first?.['error'], {
    code: 'OCC_X',
    message: 'No broker',
    causes: ['AggregateError', 'dns', 'connect refused'],
  })
  const failure = JSON.stringify(second?.['failure'])
  assert.match(failure, /"code":"TypeError","message":"bug","stack":".*logger\.test\.ts/)
})

test('text format: one readable line, and nothing from outside steers the terminal', () => {
  const { log, lines } = setUp({ format: 'text' })
  log
    .child({ room: 'flow' })
    .error(
      { event: 'record.failed', topic: 'a', why: 'two words', tab: '\t\u009b' },
      'x\u001b[2Jy\nz',
    )
  assert.match(
    lines[0] ?? '',
    /^\d\d:\d\d:\d\d\.\d{3} error flow record\.failed x\\x1b\[2Jy z topic=a why="two words" tab="\\t\\x9b"\n$/,
  )
})

test('text format shows an error below its line', () => {
  const { log, lines } = setUp({ format: 'text' })
  const error = new CodedError('OCC_X', 'No broker', { cause: new Error('refused') })
  log.error({ event: 'http.failed', error }, 'Failed')
  assert.match(lines[0] ?? '', /http\.failed Failed\n {4}OCC_X: No broker\n {4}because refused\n$/)
})

test('colours only on a terminal, and not when NO_COLOR asks for none', (context) => {
  const before = process.env['NO_COLOR']
  context.after(() => {
    if (before === undefined) delete process.env['NO_COLOR']
    else process.env['NO_COLOR'] = before
  })
  delete process.env['NO_COLOR']
  const coloured = (isTTY: boolean) => {
    const lines: string[] = []
    const destination = { write: (text: string) => lines.push(text), isTTY }
    createLogger({ level: 'info', format: 'text', destination }).info(
      { event: 'service.started' },
      'x',
    )
    return lines.join('').includes('\u001b[')
  }
  assert.equal(coloured(true), true)
  assert.equal(coloured(false), false)
  process.env['NO_COLOR'] = '1'
  assert.equal(coloured(true), false)
})
