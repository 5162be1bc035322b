import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { main } from '../../../../src/cli/index.ts'
import { fakeIo, fakeStream } from '../../../support/fake-io.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { outcomes, run } from './run.ts'

/** A folder with a handler of this body, and samples 0 to 3. */
function setUp(t: TestContext, body: string, more: Readonly<Record<string, string>> = {}) {
  const folder = temporaryFolder(t)
  const files = {
    'it.ts': `export default { name: 'it', ${body} }`,
    'samples.ndjson': '[0]\n[1]\n[2]\n[3]\n',
    ...more,
  }
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  const at = (name: string) => join(folder, name)
  return { folder, at, args: ['test', at('it.ts'), '--sample', at('samples.ndjson')] }
}

const MIXED = `async handle({ record }, { emit, dead, skip }) {
  if (record.offset === 0) return skip('no need')
  if (record.offset === 1) return dead('never')
  if (record.offset === 2) throw new TypeError('broken')
  await emit('rows', { n: 2n ** 64n }, { id: 'own', key: 'k' })
}`

test('prints what became of each record, and what was emitted; 1 if a record failed', async (t) => {
  const { args } = setUp(t, MIXED)
  const { code, stdout } = await run(...args)
  assert.equal(code, 1)
  assert.deepEqual(
    outcomes(stdout).map((each) => each.replace(/ at it\.ts:\d+:\d+$/, ' at PLACE')),
    [
      'skip no need',
      'dead OCC_HANDLER_DEAD: never at PLACE',
      'retry OCC_HANDLER: The handler it failed: TypeError: broken at PLACE',
      'ok',
    ],
  )
  assert.match(
    stdout,
    /sample\/0\/3 {2}rows {2}\{"key":"k","value":\{"n":"18446744073709551616"\}\}/,
  )
  assert.match(stdout, /4 records: 1 ok, 1 skip, 1 retry, 1 dead; 1 value emitted/)
})

test('results can be saved and compared: 1 with a diff when they are different', async (t) => {
  const { at, args } = setUp(t, MIXED)
  const file = at('expected.ndjson')
  assert.equal((await run(...args, '--save', file)).code, 0)
  const same = await run(...args, '--expect', file)
  assert.equal(same.code, 0)
  assert.match(same.stdout, /As expected by /)
  // The same with other white space and order of keys.
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  const [last = ''] = lines.slice(-1)
  const { record, outcome, emitted } = JSON.parse(last)
  writeFileSync(
    file,
    [...lines.slice(0, -1), JSON.stringify({ emitted, outcome, record }), ''].join('\n'),
  )
  assert.equal((await run(...args, '--expect', file)).code, 0)
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace('18446744073709551616', '1').replace('no need', 'x'),
  )
  const different = await run(...args, '--expect', file)
  assert.equal(different.code, 1)
  assert.match(
    different.stdout,
    /sample\/0\/0\n- skip x\n\+ skip no need\nsample\/0\/3\n- rows .*"1".*\n\+ rows .*"18446744073709551616"/,
  )
})

test('fewer and more records than expected are differences', async (t) => {
  const { at, args } = setUp(t, 'handle() {}')
  const file = at('expected.ndjson')
  await run(...args, '--save', file)
  const fewer = await run(...args, '--expect', file, '--count', '3')
  assert.match(fewer.stdout, /sample\/0\/3\n- ok/)
  writeFileSync(at('samples.ndjson'), '[0]\n[1]\n[2]\n[3]\n[4]\n')
  const more = await run(...args, '--expect', file)
  assert.deepEqual([fewer.code, more.code], [1, 1])
  assert.match(more.stdout, /sample\/0\/4\n\+ ok/)
})

test('a bound on the number of records is said when it applies', async (t) => {
  const { args } = setUp(t, 'handle() {}')
  const some = await run(...args, '--count', '3')
  assert.match(
    some.stderr,
    /^There are more records: only the first 3 are handled \(--count\)\.\n$/,
  )
  assert.equal(outcomes(some.stdout).length, 3)
  assert.equal((await run(...args, '--count', '4')).stderr, '')
})

test('--save does not overwrite what it did not write', async (t) => {
  const { at, args } = setUp(t, 'handle() {}')
  await assert.rejects(run(...args, '--save', at('it.ts')), {
    code: 'OCC_FILE_EXISTS',
    message: /it\.ts exists/,
  })
  assert.match(readFileSync(at('it.ts'), 'utf8'), /^export default/)
})

test('a sink that the handler names exists without a configuration, and must be in one', async (t) => {
  const { at, args } = setUp(t, `sinks: ['alerts'], handle: (_, { emit }) => emit('alerts', 1)`, {
    'config.yaml': 'handlers: [{ path: ./it.ts }]\nsinks: { alert: { type: log } }\n',
  })
  const { code, stdout } = await run(...args)
  assert.equal(code, 0)
  assert.match(stdout, /sample\/0\/0 {2}alerts {2}1\n/)
  await assert.rejects(run(...args, '--config', at('config.yaml')), {
    code: 'OCC_HANDLER_LOAD',
    message: /no sink is called "alerts", there are alert\. Did you mean alert\?/,
  })
})

const CONFIG = `
kafka: { topics: [solana.transfers], groupId: g, securityProtocol: SASL_SSL, sasl: { passwordFile: /none } }
handlers: [{ path: ./other.ts }, { path: ./it.ts, options: { a: 1 }, topics: ['solana.*'] }]
sinks: { rows: { type: kafka, topic: x }, spare: { type: file, path: ./out.ndjson } }
admin: { tokenFile: /none }
`

test('takes options, topics and sinks from the configuration, and needs no secret of it', async (t) => {
  const { at, args } = setUp(
    t,
    `handle: ({ record }, { emit, options }) => emit(record.offset < 2 ? 'rows' : 'wors', options)`,
    {
      'config.yaml': CONFIG,
    },
  )
  const { code, stdout } = await run(...args, '--config', at('config.yaml'))
  assert.equal(code, 1)
  assert.match(stdout, /solana\.transfers\/0\/0 {2}rows {2}\{"a":1\}/)
  assert.deepEqual(outcomes(stdout).slice(0, 2), ['ok', 'ok'])
  assert.match(
    outcomes(stdout)[2] ?? '',
    /^retry OCC_EMIT_SINK: The handler it emits to a sink that is not configured: no sink is called "wors", there are rows, spare/,
  )
  assert.ok(!existsSync(at('out.ndjson')))
  const flagged = await run(
    ...args,
    '--config',
    at('config.yaml'),
    '--options',
    '{"b":2}',
    '--count',
    '1',
  )
  assert.match(flagged.stdout, /\{"b":2\}/)
  const elsewhere = await run(...args, '--config', at('config.yaml'), '--topic', 'tron')
  assert.equal(elsewhere.code, 2)
  assert.match(
    elsewhere.stderr,
    /the handler does not get the topic tron: its topics are solana\.\*/,
  )
})

test('a filter of the flags is checked as one of the configuration', async (t) => {
  const { args } = setUp(t, 'handle() {}')
  await assert.rejects(
    run(...args, '--filter', '{"minAmont":"1"}'),
    /handlers\[0\]\.filter\.minAmont/,
  )
  const { code, stderr } = await run(...args, '--filter', 'kinds')
  assert.equal(code, 2)
  assert.match(stderr, /--filter is kinds; give a JSON object, such as/)
})

test('a batch handler gets its batches, and a failing record is found', async (t) => {
  const { args } = setUp(
    t,
    `batch: { size: 4, within: 10 }, async handle(messages, { emit }) {
      await emit('sizes', messages.length)
      if (messages.some(({ record }) => record.offset === 1)) throw new TypeError('bad one')
    }`,
  )
  const { stdout } = await run(...args)
  assert.deepEqual(
    outcomes(stdout).map((each) => each.slice(0, 5).trim()),
    ['ok', 'retry', 'ok', 'ok'],
  )
})

test('a call that ignores its signal does not hang the command', async (t) => {
  const { at, args } = setUp(t, 'handle: () => new Promise(() => {})', {
    'config.yaml': 'handlers: [{ path: ./it.ts, timeout: 20ms }]',
  })
  await assert.rejects(run(...args, '--config', at('config.yaml')), {
    code: 'OCC_HANDLER_TIMEOUT',
    message: /The handler hangs with the record sample\/0\/0: .* Remedy: pass the signal/,
  })
})

test('a handler is closed, also after a failure', async (t) => {
  const { at, args } = setUp(
    t,
    `open({ options }) { this.file = options.file }, handle() { throw new Error('x') },
     async close() { await (await import('node:fs/promises')).writeFile(this.file, 'closed') }`,
  )
  await run(...args, '--options', JSON.stringify({ file: at('closed') }))
  assert.equal(readFileSync(at('closed'), 'utf8'), 'closed')
})

test('colours only in a terminal without NO_COLOR', async (t) => {
  const { args } = setUp(t, 'handle() {}')
  const coloured = async (isTTY: boolean, env: Record<string, string>) => {
    const stdout = fakeStream(isTTY)
    await main(['handler', ...args], { ...fakeIo({ env }), stdout })
    return stdout.written().includes('\u001b[')
  }
  assert.equal(await coloured(true, {}), true)
  assert.equal(await coloured(true, { NO_COLOR: '1' }), false)
  assert.equal(await coloured(false, {}), false)
})

test('usage errors are one line with the remedy', async (t) => {
  const { at, args } = setUp(t, 'handle() {}')
  for (const [given, message] of [
    [[], 'handler needs an action: new, test'],
    [['nwe', 'a'], 'unknown action "nwe" of handler; did you mean new?'],
    [['test'], 'handler test needs a file first: handler test FILE [flags]'],
    [['test', at('it.ts')], 'there is nothing to handle; give --sample FILE, or --topic NAME'],
    [
      [...args, '--since', '10m'],
      '--since is for records of a topic; remove it, or remove --sample',
    ],
    [[...args, '--count', '0'], '--count is 0; give an integer from 1 to 10000'],
    [['new', '../up'], 'handler new has the invalid name "../up"; use up to 63 letters'],
  ] as const) {
    const { code, stderr } = await run(...given)
    assert.equal(code, 2)
    assert.ok(stderr.startsWith(`onchain-consumer: ${message}`), stderr)
    assert.equal(stderr.trimEnd().split('\n').length, 2)
  }
})
