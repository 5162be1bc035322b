import assert from 'node:assert/strict'
import { get } from 'node:http'
import test from 'node:test'
import { gunzipSync } from 'node:zlib'
import { clientFiles } from '../../../src/http/page/client-files.ts'
import type { Overview } from '../../../src/observe/overview/types.ts'
import { overview, partitionFacts, partitionOverview } from '../../support/overview.ts'
import { serve } from './serve.ts'
import { BROWSER, servePage } from './serve-page.ts'

// How the page is served: to whom, under which policy, how large. What it says: page.test.ts.

test('a browser gets the page, everything else the index', async (t) => {
  const { request, page } = await servePage(t)
  const { response, text } = await page()
  assert.equal(response.headers.get('content-type'), 'text/html; charset=utf-8')
  assert.match(text, /<h1>Keeping up: 1\.4 s behind, 3,120 records\/s, nothing lost<\/h1>/)
  const index = (await (await request('/')).json()) as { endpoints: object[] }
  assert.ok(index.endpoints.length > 5)
})

test('who looks has the other pods asked; the pods that ask each other have not', async (t) => {
  let looks = 0
  const pods = { reports: () => [], look: async () => void looks++ }
  const { page, request } = await servePage(t, {}, { pods })
  const own = (await (await request('/api/v1/status?own=true')).json()) as Overview
  assert.deepEqual([looks, own.version, own.service.pod], [0, 1, 'transfers-0'])
  assert.deepEqual(
    own.partitions.map(({ partition }) => partition),
    [0],
  )
  await request('/api/v1/status')
  await page()
  await page('/page/partitions')
  assert.equal(looks, 3)
  assert.equal((await request('/api/v1/status?own=false')).status, 400)
})

test('the policy allows nothing but the files of this service, and there is nothing inline', async (t) => {
  const { page, request } = await servePage(t)
  for (const path of ['/', '/page/partitions']) {
    const { response, text } = await page(path)
    const policy = response.headers.get('content-security-policy') ?? ''
    assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/)
    assert.match(policy, /frame-ancestors 'none'/)
    assert.ok(!policy.includes('unsafe'))
    assert.doesNotMatch(text, /\sstyle=|\son[a-z]+=|<style|<script(?![^>]* src="\/page\/)/)
    const addresses = [...text.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, each = '']) => each)
    assert.deepEqual(
      addresses.filter((each) => /^\w+:|^\/\//.test(each)),
      [],
    )
    for (const address of addresses.filter(
      (each) => each.startsWith('/page/') && !each.includes('partitions'),
    )) {
      const { status, headers } = await request(address)
      assert.deepEqual([status, headers.get('x-content-type-options')], [200, 'nosniff'], address)
    }
  }
})

test('1,000 partitions and 100 kinds of letters, with all files, are less than 60 kB, compressed', async (t) => {
  const partitions = Array.from({ length: 1_000 }, (_, partition) =>
    partitionOverview({
      partition,
      topic: `topic.of.${partition % 7}`,
      word: partition % 3 === 0 ? 'behind' : 'ok',
      facts: partitionFacts({ lag: partition * 7_919, lagSeconds: (partition * 7_919) % 5_000 }),
    }),
  )
  const kinds = Array.from({ length: 100 }, (_, index) => ({
    ...{
      handler: `handler-${index}`,
      code: `OCC_CODE_${index}`,
      count: index * 31,
      sample: `t/${index}/${index * 7_919}`,
    },
    ...{ first: '2026-11-28T14:02:00.000Z', last: '2026-11-28T14:12:00.000Z' },
  }))
  const { port, state } = await servePage(t)
  state.overview = overview({ partitions, letters: { kept: 1, waiting: 0, kinds } })
  const headers = { ...BROWSER, 'accept-encoding': 'gzip' }
  const sent = (path: string) =>
    new Promise<Buffer>((resolve, reject) => {
      get({ port, host: '127.0.0.1', path, headers }, (response) => {
        assert.equal(response.headers['content-encoding'], 'gzip', path)
        const chunks: Buffer[] = []
        response
          .on('data', (chunk) => chunks.push(chunk))
          .on('end', () => resolve(Buffer.concat(chunks)))
      }).on('error', reject)
    })
  const body = await sent('/')
  const files = ['/page/style.css', '/page/live.js', '/page/icon.svg']
  const all = [...files, ...clientFiles().map(({ path }) => path)]
  const sizes = (await Promise.all(all.map(sent))).map(({ length }) => length)
  const bytes = sizes.reduce((sum, each) => sum + each, body.length)
  assert.ok(bytes < 60_000, `${bytes} bytes, ${body.length} of the page`)
  assert.equal(
    gunzipSync(body)
      .toString()
      .match(/class="w-(ok|behind) h\d+"/g)?.length,
    1_000,
  )
})

test('switched off, / is the list of endpoints and nothing of the page is there', async (t) => {
  const { request } = await serve(t)
  assert.match(await (await request('/', { headers: BROWSER })).text(), /<ul>/)
  for (const path of ['/page/live', '/page/live.js', '/page/partitions']) {
    assert.equal((await request(path)).status, 404, path)
  }
})

test('viewers get everything at once, end with the service, and are not more than 100', async (t) => {
  const { request, server } = await servePage(t)
  const viewers = await Promise.all(Array.from({ length: 100 }, () => request('/page/live')))
  const [first] = viewers
  assert.equal(first?.headers.get('content-type'), 'text/event-stream; charset=utf-8')
  assert.equal((await request('/page/live')).status, 503)
  const closing = server.close()
  const texts = await Promise.all(viewers.map((each) => each.text()))
  await closing
  const data = /^data: (.*)$/m.exec(texts[0] ?? '')?.[1] ?? ''
  const { title, name, sections } = JSON.parse(data)
  assert.deepEqual(
    [title, name],
    ['Keeping up: 1.4 s behind, 3,120 records/s, nothing lost – transfers', 'keeping-up'],
  )
  assert.match(sections.service, /<dd>transfers-0<\/dd>/)
  assert.deepEqual(Object.keys(sections), [
    'name',
    'service',
    'sentence',
    'numbers',
    'paused',
    'partitions',
    'handlers',
    'sinks',
    'letters',
    'group',
  ])
  assert.equal(new Set(texts).size, 1)
})
