import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { passing } from '../../../../src/cli/alert/rule.ts'
import { main } from '../../../../src/cli/index.ts'
import { readSamples } from '../../../../src/cli/records/sample-files.ts'
import { fakeIo } from '../../../support/fake-io.ts'
import { type Reaction, startWebhookReceiver } from '../../../support/servers/webhook-receiver.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { configOf, loadYaml } from '../../config/support.ts'

const FIXTURE = join(
  import.meta.dirname,
  '../../../fixtures/solana.transfers.3-failed-and-duplicate.json',
)

async function setUp(t: TestContext, reaction: Reaction = { status: 200 }) {
  const receiver = await startWebhookReceiver(t, () => reaction)
  const folder = temporaryFolder(t)
  const file = join(folder, 'config.yaml')
  writeFileSync(join(folder, 'headers'), 'Authorization: Bearer secret')
  const config = {
    kafka: { topics: ['solana.transfers'], groupId: 'g' },
    sinks: {
      hook: { type: 'webhook', url: receiver.url, allowPrivate: true, headersFile: 'headers' },
    },
    alerts: [
      { name: 'whale', to: 'hook', message: '{{amount}} {{asset}}' },
      { name: 'none', to: 'hook', filter: { minAmount: '1000000000000' } },
      { name: 'silent', to: 'hook', silence: '60s' },
    ],
  }
  writeFileSync(file, JSON.stringify(config))
  async function run(...args: string[]) {
    const io = fakeIo()
    const code = await main(['alert', ...args, '--config', file], io)
    return { code, stdout: io.stdout.written(), stderr: io.stderr.written() }
  }
  return { receiver, run }
}

test('test sends one alert, marked as a test; what the sink does not take is said', async (t) => {
  const { receiver, run } = await setUp(t)
  assert.deepEqual(await run('test', 'whale'), {
    ...{ code: 0, stderr: '' },
    stdout: '[test] 1234567.89 USDC\nTaken by hook.\n',
  })
  const { message, state } = JSON.parse(receiver.received[0]?.body ?? '')
  assert.deepEqual([message, state], ['[test] 1234567.89 USDC', 'firing'])
  const { code } = await run('test', 'silent')
  assert.equal(code, 0)
  assert.match(receiver.received[1]?.body ?? '', /no new record for 1m/)
  const broken = await setUp(t, { status: 500, body: 'oops' })
  const failed = await broken.run('test', 'whale')
  assert.equal(failed.code, 1)
  assert.match(failed.stderr, /Not taken: The sink hook failed: .* answers 500: oops/)
})

test('--file takes the first event that passes the filter; --dry-run sends nothing and shows no secret', async (t) => {
  const { receiver, run } = await setUp(t)
  const { stdout, code } = await run('test', 'whale', '--file', FIXTURE, '--dry-run')
  assert.equal(code, 0)
  assert.match(stdout, /^POST http:\/\/127\.0\.0\.1:\d+\/hook\n/)
  assert.match(stdout, /authorization: \[redacted\]/)
  assert.doesNotMatch(stdout, /secret|1234567\.89/)
  assert.equal(receiver.received.length, 0)
  await assert.rejects(run('test', 'none', '--file', FIXTURE), /None of 1 record .* passes/)
})

test('a rule that is not there, and one that records do not tell of', async (t) => {
  const { run } = await setUp(t)
  const said = async (...args: string[]) => {
    const { code, stderr } = await run(...args)
    assert.equal(code, 2)
    return stderr
  }
  assert.match(await said('test', 'whal'), /no rule is called "whal".*Did you mean whale\?/)
  assert.match(await said('dry-run', 'silent', '--since', '2h'), /about the service/)
  assert.match(await said('dry-run', 'whale'), /give --since/)
})

test('only so many events of the records are kept, which is said', async (t) => {
  const config = configOf(
    loadYaml(
      t,
      JSON.stringify({
        kafka: { topics: ['solana.transfers'], groupId: 'g' },
        sinks: { out: { type: 'log' } },
        alerts: [{ name: 'any', to: 'out' }],
      }),
    ),
  )
  const [alert] = config.alerts
  assert.ok(alert)
  const records = await readSamples([FIXTURE], { topic: 'solana.transfers', count: 10 })
  const all = await passing({ config, alert }, records, fakeIo())
  assert.equal(all.isFull, false)
  assert.ok(all.values.length > 1)
  const some = await passing({ config, alert }, records, fakeIo(), 1)
  assert.deepEqual([some.values, some.isFull], [all.values.slice(0, 1), true])
})
