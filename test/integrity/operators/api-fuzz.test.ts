// The API, fuzzed from its OpenAPI document by schemathesis: nobody is let in without a token, no
// request makes it answer 500, and the service still consumes afterwards.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import test from 'node:test'
import { until } from '../../support/waiting.ts'
import type { Service } from '../support/service.ts'
import { createScene, startProducer } from '../support/setup.ts'

const ROOT = join(import.meta.dirname, '../../..')
const TOKEN = 'a-token-that-nobody-guesses'
/** For each operation and kind of data. */
const EXAMPLES = process.env['EXAMPLES'] ?? '10'
/** With `coverage,fuzzing` every keyword of every schema is violated, too: some 600 requests each time. */
const PHASES = process.env['PHASES'] ?? 'fuzzing'

test('fuzzed from its document: nobody without a token, no 500, and it still consumes', async (t) => {
  const python = execFileSync(join(ROOT, 'dev/python/venv.sh'), ['schemathesis'], {
    encoding: 'utf8',
  }).trim()
  const scene = await createScene(t, { topic: 'a', partitions: 2 })
  const tokenFile = join(scene.folder, 'token')
  writeFileSync(tokenFile, TOKEN)
  /** A service in a group of its own: each answers a bounded number of requests a second. */
  async function start(groupId: string): Promise<Service> {
    const service = await scene.start({
      OCC_ADMIN_TOKEN_FILE: tokenFile,
      OCC_LOG_LEVEL: 'debug',
      KAFKA_GROUP_ID: groupId,
      KAFKA_SESSION_TIMEOUT_MS: '6000',
    })
    await service.ready()
    return service
  }

  /** Returns how often each status was answered to what it asked. */
  async function fuzz(
    name: string,
    service: Service,
    headers: readonly string[],
  ): Promise<Map<number, number>> {
    const options = [
      ...['--url', service.url, '--checks', 'not_a_server_error', '--max-examples', EXAMPLES],
      ...['--phases', PHASES],
      // Its answer is a stream: each would be waited for in vain.
      ...['--exclude-operation-id', 'tap'],
      // Above it the service answers 429, which tests nothing else.
      ...['--rate-limit', '18/s'],
      ...['--seed', '1', '--suppress-health-check', 'all', '--no-color'],
      ...headers.flatMap((header) => ['--header', header]),
    ]
    const args = ['-m', 'schemathesis.cli', 'run', join(ROOT, 'docs/openapi.json'), ...options]
    // It keeps what it found in the folder where it runs.
    const cwd = join(scene.folder, name)
    mkdirSync(cwd)
    const child = spawn(python, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] })
    const [said] = await Promise.all([text(child.stdout), once(child, 'exit')])
    const asked = answers(service)
    assert.ok(asked.length >= 30, said)
    return asked.reduce((sum, status) => sum.set(status, (sum.get(status) ?? 0) + 1), new Map())
  }

  const [unknown, mistaken, service] = await Promise.all([
    start('without'),
    start('wrong'),
    start('right'),
  ])
  const [without, wrong, right] = await Promise.all([
    fuzz('without', unknown, []),
    fuzz('wrong', mistaken, [`Authorization: Bearer ${TOKEN}x`]),
    fuzz('right', service, [`Authorization: Bearer ${TOKEN}`]),
  ])
  for (const [name, statuses] of Object.entries({ without, wrong, right })) {
    console.log(`fuzzed ${name} token: ${JSON.stringify(Object.fromEntries(statuses))}`)
  }
  const isIn = (statuses: Map<number, number>) =>
    [...statuses.keys()].filter((status) => status < 400)
  assert.deepEqual([isIn(without), isIn(wrong)], [[], []])
  assert.ok(isIn(right).length > 0)
  assert.equal(right.get(500), undefined)
  assert.equal((await service.get('/healthz')).status, 200)
  const producer = await startProducer(t, scene.brokers)
  await producer.send({ topic: 'a', messages: [{ value: '{"still":"here"}' }] })
  const resume = { method: 'POST', body: JSON.stringify({ topic: 'a' }) }
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }
  // It may have been paused by the right token.
  await until(async () => {
    const { status } = await fetch(`${service.url}/api/v1/resume`, { ...resume, headers })
    return status === 200
  }, 'the topic to be resumed')
  await until(async () => {
    const { partitions } = JSON.parse((await service.get('/lag')).body)
    return (
      partitions.reduce((sum: number, each: { committed: number }) => sum + each.committed, 0) > 0
    )
  }, 'the record to be committed')
  for (const each of [unknown, mistaken, service]) {
    assert.equal(await each.terminate(), 0)
    assert.ok(!JSON.stringify(each.log()).includes(TOKEN))
  }
})

/** The statuses of its answers below /api/v1, in order. */
function answers(service: Service): number[] {
  return service.log().flatMap(({ event, path, status }) => {
    // What the page shows needs no token.
    const isOpen = path === '/api/v1/status'
    const isApi = event === 'http.answered' && String(path).startsWith('/api/v1') && !isOpen
    return isApi ? [Number(status)] : []
  })
}
