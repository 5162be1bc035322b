import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { mount } from '../../support/config-map.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { until, useKafka } from '../harness.ts'
import { plainEnvironment, runCommand, startService } from './process.ts'

const embedded = useKafka()

async function configFile(t: TestContext, config: object): Promise<string> {
  const path = join(temporaryFolder(t), 'config.yaml')
  await writeFile(path, JSON.stringify(config))
  return path
}

/** One transfer, as the stream of Solana writes it. */
function transfer(id: string, amount: string, to: string): string {
  const Currency = { Native: true, Symbol: 'SOL', Decimals: 9, MintAddress: '1'.repeat(32) }
  return JSON.stringify([
    {
      Block: { Slot: 1, Timestamp: 1_700_000_000 },
      Transaction: { Signature: id, FeePayer: 'payer', Signer: 'payer', Status: { Success: true } },
      Transfer: {
        InstructionIndex: 0,
        Amount: amount,
        Sender: { Address: 'sender' },
        Receiver: { Address: to },
        Authority: { Address: 'sender' },
        Currency,
      },
    },
  ])
}

const HANDLER = `
import { defineHandler, formatUnits } from 'onchain-consumer'
export default defineHandler({
  name: 'mover',
  async handle({ events, record }, { emit, attempt, dead }) {
    for (const { id, to, amount } of events) {
      if (to === 'poison') return dead('it is poison')
      if (to === 'broken') throw new TypeError('password=hunter2 is not a function')
      if (to === 'flaky' && attempt < 3) throw new Error('the database is away')
      await emit('rows', { to, sol: formatUnits(amount ?? 0n, 9), attempt }, { id, key: to })
    }
  },
})`

test('a mounted handler gets messages, emits to a topic, retries, and its poison becomes a dead letter', async (t) => {
  const topic = 'handled'
  const out = 'rows-out'
  await embedded.createTopic(topic)
  await embedded.createTopic(out)
  const { at } = await mount(t, { 'mover.ts': HANDLER })
  const config = await configFile(t, {
    handlers: [{ path: at('mover.ts'), topics: ['hand*'] }],
    sinks: { rows: { type: 'kafka', topic: out } },
    retry: { attempts: 5, backoff: '10ms' },
  })
  const env = plainEnvironment(t, embedded.kafka, topic)
  await embedded.produce(topic, [
    transfer('a', '18446744073709551615', 'wallet'),
    transfer('b', '1', 'poison'),
    transfer('c', '1', 'flaky'),
    transfer('a', '18446744073709551615', 'wallet'),
    transfer('e', '1', 'broken'),
    transfer('d', '1500000000', 'wallet'),
  ])
  const service = startService(t, env, ['--config', config])
  const consumer = embedded.client.consumer({ groupId: 'reader' })
  t.after(() => consumer.disconnect())
  await consumer.connect()
  await consumer.subscribe({ topic: out, fromBeginning: true })
  const rows: unknown[] = []
  const all = Promise.withResolvers<void>()
  await consumer.run({
    async eachMessage({ message: { key, value, headers } }) {
      rows.push([String(key), JSON.parse(String(value)), String(headers?.['occ-id'])])
      if (rows.length === 3) all.resolve()
    },
  })
  await all.promise
  assert.deepEqual(rows, [
    ['wallet', { to: 'wallet', sol: '18446744073.709551615', attempt: 1 }, 'a:0'],
    ['flaky', { to: 'flaky', sol: '0.000000001', attempt: 3 }, 'c:0'],
    ['wallet', { to: 'wallet', sol: '1.5', attempt: 1 }, 'd:0'],
  ])
  await until(async () => {
    const [offset] = await embedded.committed(env['KAFKA_GROUP_ID'] ?? '', topic)
    return offset === 6
  }, 'all six to be committed')
  const { body } = await service.get('/metrics')
  const counts = /handler_outcomes_total\{handler="mover",outcome="(ok|retry|dead)"\} (\d+)/g
  assert.deepEqual(
    [...body.matchAll(counts)].map(([, outcome, count]) => `${outcome} ${count}`),
    ['ok 3', 'retry 4', 'dead 2'],
  )
  assert.match(body, /duplicate_events_total\{topic="handled"\} 1/)
  assert.equal((await service.end()).code, 0)
  const letters = env['OCC_DEAD_LETTERS_FILE_FOLDER'] ?? ''
  const [file = ''] = (await readdir(letters)).filter((name) => name.endsWith('.ndjson'))
  const lines = (await readFile(join(letters, file), 'utf8')).trimEnd().split('\n')
  const [letter, broken] = lines.map((line) => JSON.parse(line))
  assert.equal(letter.handler, 'mover')
  assert.deepEqual([letter.error_type, letter.error_message], ['OCC_HANDLER_DEAD', 'it is poison'])
  // The place in the handler: in the letter, in the log, and on the terminal.
  const place = /^ {4}at .*mover\.ts:8:\d+\)?$/m
  assert.match(broken.error_message, /TypeError: password=\[redacted\] is not a function\n {4}at /)
  assert.match(broken.error_message, place)
  const failed = service.lines.find(
    ({ event, offset }) => event === 'record.failed' && offset === 4,
  )
  assert.match(String(failed?.['stack']), place)
  const shown = await runCommand(['dlq', 'show', `${topic}/0/4`, '--config', config], env)
  assert.match(shown.stdout, /\nStack\n {4}at /)
  assert.match(shown.stdout, place)
})

test('a watch-list changes under the running service when its ConfigMap does', async (t) => {
  const topic = 'watched'
  await embedded.createTopic(topic)
  const { at, write } = await mount(t, { 'watch.txt': `${'a'.repeat(40)}\n`, 'mover.ts': HANDLER })
  const config = await configFile(t, {
    handlers: [
      { path: at('mover.ts'), filter: { addressesFile: at('watch.txt'), addressRole: 'to' } },
    ],
    sinks: { rows: { type: 'log' } },
  })
  const service = startService(t, plainEnvironment(t, embedded.kafka, topic), ['--config', config])
  const emitted = (wallet: string) =>
    service.logged(
      ({ event, key }) => event === 'value.emitted' && key === wallet,
      `${wallet.charAt(0)} is reported`,
    )
  await embedded.produce(topic, [
    transfer('1', '1', 'b'.repeat(40)),
    transfer('2', '1', 'a'.repeat(40)),
  ])
  await emitted('a'.repeat(40))
  await write({ 'watch.txt': `${'b'.repeat(40)}\n`, 'mover.ts': HANDLER })
  await service.logged(({ event }) => event === 'addresses.reloaded', 'the list is read again')
  await embedded.produce(topic, [
    transfer('3', '1', 'a'.repeat(40)),
    transfer('4', '1', 'b'.repeat(40)),
  ])
  await emitted('b'.repeat(40))
  const { lines } = await service.end()
  const ids = lines.flatMap(({ event, id }) => (event === 'value.emitted' ? [id] : []))
  assert.deepEqual(ids, ['2:0', '4:0'])
})

const failures: ReadonlyArray<readonly [string, string, RegExp]> = [
  ['a syntax error', 'export default {', /mover\.ts is not valid: .*Remedy: correct the syntax/],
  ['no default export', 'export const a = 1', /mover\.ts has no default export/],
  [
    'an open that fails',
    "export default { name: 'm', handle() {}, open() { throw new Error('no database') } }",
    /The handler m cannot be opened: no database/,
  ],
]

for (const [what, source, expected] of failures) {
  test(`${what} ends the service with 1 and one clear message`, async (t) => {
    const { at } = await mount(t, { 'mover.ts': source })
    const config = await configFile(t, { handlers: [{ path: at('mover.ts') }] })
    const env = plainEnvironment(t, embedded.kafka, 'handled')
    const { code, lines } = await startService(t, env, ['--config', config]).exit
    const fatal = lines.filter(({ level }) => level === 'fatal')
    assert.deepEqual([code, fatal.length], [1, 1])
    assert.match(fatal[0]?.msg ?? '', expected)
    const isOpening = what === 'an open that fails'
    if (isOpening) assert.match(String(fatal[0]?.['stack']), /^ {4}at .*mover\.ts:1:\d+\)?$/m)
    const check = (...flags: string[]) => runCommand(['check', '--config', config, ...flags], env)
    assert.match((await check()).stderr, expected)
    if (isOpening) assert.equal((await check('--offline')).code, 0, 'it opens nothing')
  })
}
