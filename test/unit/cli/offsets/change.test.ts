import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import test, { type TestContext } from 'node:test'
import { offsets } from '../../../../src/cli/offsets/offsets.ts'
import { fakeIo } from '../../../support/fake-io.ts'
import { startHttpServer } from '../../../support/servers/http-server.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const place = { topic: 'a', partition: 0 }
const planned = {
  ...{ ...place, committed: 100, move: null, offset: 40, replay: 60, skip: 0, deleted: 0 },
  ...{ beyond: 0, time: null, owner: null, seconds: null },
}
const applied = {
  ...{ group: 'g', id: 'x', refused: [] },
  applied: [{ ...place, before: 110, offset: 40 }],
  undo: { group: 'g', at: '', partitions: [{ ...place, offset: 110, move: 'x' }] },
}

/** `offsets set --yes` through a pod that answers so; null: it takes the change and dies. */
async function set(t: TestContext, answer: readonly [status: number, body: object] | null) {
  const folder = temporaryFolder(t)
  const [undo, token] = [join(folder, 'undo.json'), join(folder, 'token')]
  writeFileSync(token, 'a-token-that-nobody-guesses')
  const url = await startHttpServer(t, async (request, response) => {
    const { plan } = JSON.parse(await text(request)) as { plan?: object }
    const made = { group: 'g', members: 1, table: null, partitions: [planned], left: [] }
    const [status, body] = plan === undefined ? [200, made] : (answer ?? [0, {}])
    if (status === 0) response.destroy()
    else response.writeHead(status).end(JSON.stringify(body))
  })
  const io = fakeIo()
  const chosen = ['--topic', 'a', '--all-partitions', '--to', '40', '--yes']
  const done = offsets(['set', ...chosen, '--undo', undo, '--url', url, '--token-file', token], io)
  const code = await done.catch((error: { code: string }) => error.code)
  return { code, io, undo: existsSync(undo) ? JSON.parse(readFileSync(undo, 'utf8')) : null }
}

test('the undo of a change has the offsets that the members had', async (t) => {
  const { code, undo, io } = await set(t, [200, applied])
  assert.deepEqual([code, undo.partitions], [0, applied.undo.partitions])
  // As it can be pasted: the same group, by the same way.
  assert.match(
    io.stdout.written(),
    /To undo it: onchain-consumer offsets import \S+undo\.json --group g --url http:\S+ --token-file \S+ --yes/,
  )
})

test('if the answer is lost the change may have been made: the offsets of before are kept', async (t) => {
  const { code, undo, io } = await set(t, null)
  assert.equal(code, 'OCC_ADMIN_UNREACHABLE')
  assert.deepEqual(undo.partitions, [{ ...place, offset: 100 }])
  assert.match(
    io.stderr.written(),
    /not known whether anything was changed.*offsets import .*undo\.json --group g --url/,
  )
})

test('of a change that was refused no file is left', async (t) => {
  const problem = { status: 409, detail: 'Nothing was changed', code: 'OCC_OFFSETS_MOVED' }
  const { code, undo } = await set(t, [409, problem])
  assert.deepEqual([code, undo], ['OCC_OFFSETS_MOVED', null])
})
