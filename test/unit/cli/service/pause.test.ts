import assert from 'node:assert/strict'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import test, { type TestContext } from 'node:test'
import { main } from '../../../../src/cli/index.ts'
import { fakeIo } from '../../../support/fake-io.ts'
import { startHttpServer } from '../../../support/servers/http-server.ts'
import { folder } from '../../config/support.ts'

const TOKEN = 'a-token-that-nobody-guesses'

/** A service that answers with this; what it was asked is kept. */
async function service(t: TestContext, code: number, body: unknown) {
  const asked: unknown[] = []
  const url = await startHttpServer(t, async (request, response) => {
    const { method, headers } = request
    asked.push([method, request.url, headers.authorization, JSON.parse(await text(request))])
    response.writeHead(code, { location: '/elsewhere' }).end(JSON.stringify(body))
  })
  return { asked, url }
}

async function tell(...argv: string[]) {
  const io = fakeIo()
  const code = await main(argv, io)
  return { code, out: io.stdout.written(), error: io.stderr.written() }
}

function tokenFile(t: TestContext, token = `${TOKEN}\n`): string {
  return join(folder(t, { token }), 'token')
}

test('pause asks every named service, and prints what is paused there', async (t) => {
  const facts = { by: 'alice', since: '2026-01-31T12:00:00.000Z', reason: null }
  const until = '2026-01-31T12:30:00.000Z'
  const first = await service(t, 200, {
    paused: [{ topic: 'a', partition: 0, ...facts, until, reason: 'it\u001b[31m moves' }],
  })
  const second = await service(t, 200, { paused: [{ handler: 'whale', ...facts, until: null }] })
  const urls = `${first.url},${second.url}/`
  const file = tokenFile(t)
  const place = ['--topic', 'a', '--partition', '0', '--for', '30m', '--reason', 'it moves']
  const { code, out } = await tell('pause', ...place, '--url', urls, '--token-file', file)
  assert.equal(code, 0)
  const body = { topic: 'a', partition: 0, for: '30m', reason: 'it moves' }
  const request = ['POST', '/admin/pause', `Bearer ${TOKEN}`, body]
  assert.deepEqual([first.asked, second.asked], [[request], [request]])
  assert.match(out, /paused partition 0 of a\n/)
  assert.match(out, /a +0 +alice +2026-01-31T12:30:00\.000Z +it .*moves\n/)
  assert.match(out, /whale +alice/)
  assert.ok(!out.includes('\u001b'))
})

test('the end of a pause may be a time; a resume has none', async (t) => {
  const { asked, url } = await service(t, 200, { paused: [] })
  const rest = ['--topic', 'a', '--url', url, '--token-file', tokenFile(t)]
  assert.equal((await tell('pause', '--until', '2026-01-31T12:00:00Z', ...rest)).code, 0)
  const bodies = asked.map((each) => (each as unknown[])[3])
  assert.deepEqual(bodies, [{ topic: 'a', until: '2026-01-31T12:00:00Z' }])
  const both = await tell('pause', '--until', '2026-01-31T12:00:00Z', '--for', '1h', ...rest)
  assert.deepEqual([both.code, /--for and --until exclude each other/.test(both.error)], [2, true])
  assert.equal((await tell('resume', '--for', '1h', ...rest)).code, 2)
  assert.equal(asked.length, 1)
})

test('names a service that refuses or does not answer, and still asks the others', async (t) => {
  const refusing = await service(t, 404, { error: 'the admin API is off' })
  const willing = await service(t, 200, { paused: [] })
  const urls = ['http://127.0.0.1:1', refusing.url, willing.url].join()
  const flags = ['--handler', 'whale', '--url', urls, '--token-file', tokenFile(t)]
  const { code, out, error } = await tell('resume', ...flags)
  assert.equal(code, 1)
  assert.match(
    error,
    /^http:\/\/127\.0\.0\.1:1: does not answer: .*\n.*answers 404: the admin API is off\n$/,
  )
  assert.match(out, /resumed the handler whale\nNothing is paused\.\n$/)
  assert.doesNotMatch(out + error, new RegExp(TOKEN))
})

test('the token is not carried elsewhere', async (t) => {
  const { asked, url } = await service(t, 307, {})
  const flags = ['--topic', 'a', '--url', url, '--token-file', tokenFile(t)]
  assert.equal((await tell('pause', ...flags)).code, 1)
  assert.equal(asked.length, 1)
})

test('reports invalid flags before any request', async (t) => {
  const file = tokenFile(t)
  const rest = ['--url', 'http://127.0.0.1:1', '--token-file', file]
  const wrong: ReadonlyArray<readonly [readonly string[], RegExp]> = [
    [rest, /either --topic NAME.*or --handler NAME/],
    [['--topic', 'a', '--handler', 'b', ...rest], /either --topic/],
    [['--handler', 'b', '--partition', '1', ...rest], /--partition belongs to --topic/],
    [['--topic', 'a', '--partition', 'x', ...rest], /--partition is x; give an integer/],
    [['--topic', 'a', '--token-file', file], /--url is missing/],
    [['--topic', 'a', '--url', 'localhost:8080', '--token-file', file], /--url is localhost:8080/],
    [['--topic', 'a', '--url', 'http://127.0.0.1:1'], /--token-file is missing/],
  ]
  for (const [argv, message] of wrong) {
    const { code, error } = await tell('pause', ...argv)
    assert.equal(code, 2, argv.join(' '))
    assert.match(error, message)
  }
  const short = ['--topic', 'a', '--url', 'http://127.0.0.1:1', '--token-file', tokenFile(t, 'x')]
  await assert.rejects(tell('pause', ...short), { code: 'OCC_ADMIN_TOKEN' })
})
