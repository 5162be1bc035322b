import assert from 'node:assert/strict'
import { text } from 'node:stream/consumers'
import test, { type TestContext } from 'node:test'
import type { MoveAnswer, MoveOrder } from '../../../src/group/offsets/types.ts'
import { createPeers, type PeersParts } from '../../../src/http/api/peers.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { startHttpServer } from '../../support/servers/http-server.ts'

const TOKEN = 'a-token-that-nobody-guesses'

const order: MoveOrder = {
  group: 'g',
  id: 'x',
  moves: [0, 1, 2].map((partition) => ({
    ...{ topic: 'a', partition, offset: 3, committed: 9, move: null },
  })),
  deduplicates: false,
  allowsSkip: false,
}

const answerOf = (partition: number): MoveAnswer => ({
  topic: 'a',
  partition,
  before: 9,
  reason: null,
})

/** A pod that has these partitions; what it was asked is kept. */
async function pod(t: TestContext, has: readonly number[], status = 200) {
  const asked: Array<{ url: string; authorization: string; partitions: readonly number[] }> = []
  const url = await startHttpServer(t, async (request, response) => {
    const { moves } = JSON.parse(await text(request)) as MoveOrder
    const { url: path = '', headers } = request
    const partitions = moves.map(({ partition }) => partition)
    asked.push({ url: path, authorization: headers.authorization ?? '', partitions })
    const answers = partitions.filter((each) => has.includes(each)).map(answerOf)
    response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end(JSON.stringify({ answers }))
  })
  return { asked, address: new URL(url).host }
}

function peers(addresses: readonly string[], more: Partial<PeersParts> = {}) {
  return createPeers({
    peers: addresses,
    port: 1,
    token: () => TOKEN,
    local: async ({ moves }) =>
      moves.filter(({ partition }) => partition === 0).map(({ partition }) => answerOf(partition)),
    timeout: () => 5_000,
    patience: 0,
    log: silentLog,
    ...more,
  })
}

const partitionsOf = (answers: readonly MoveAnswer[]) =>
  answers.map(({ partition }) => partition).toSorted()

test('every pod is asked for what is left, with the token, and answers for its own', async (t) => {
  const [first, second] = [await pod(t, [1]), await pod(t, [2])]
  const { answers, unreached } = await peers([first.address, second.address]).move(order)
  assert.deepEqual([partitionsOf(answers), unreached], [[0, 1, 2], []])
  const url = '/api/v1/offsets/moves'
  const request = { url, authorization: `Bearer ${TOKEN}`, partitions: [1, 2] }
  assert.deepEqual([first.asked, second.asked], [[request], [request]])
})

test('nobody is asked for what this process has itself', async (t) => {
  const other = await pod(t, [1])
  const own = { ...order, moves: order.moves.slice(0, 1) }
  const { answers } = await peers([other.address]).move(own)
  assert.deepEqual([partitionsOf(answers), other.asked], [[0], []])
})

test('a pod that cannot be reached, refuses or sends elsewhere is named; the others are asked', async (t) => {
  const [good, refusing, elsewhere] = [
    await pod(t, [1]),
    await pod(t, [2], 401),
    await pod(t, [2], 307),
  ]
  const all = ['127.0.0.1:1', refusing.address, elsewhere.address, good.address]
  const { answers, unreached } = await peers(all).move(order)
  assert.deepEqual(partitionsOf(answers), [0, 1])
  assert.equal(unreached.length, 3)
  for (const [index, why] of [/ECONNREFUSED|bad port/, /answers 401/, /redirect/].entries()) {
    assert.ok(
      unreached.some((each) => each.startsWith(String(all[index])) && why.test(each)),
      String(why),
    )
  }
})

test('without names of peers only this process is asked, and that is said', async () => {
  const { answers, unreached } = await peers([]).move(order)
  assert.deepEqual(partitionsOf(answers), [0])
  assert.match(unreached.join(), /http\.peers names none/)
})

test('a partition that nobody has now is asked for again', async (t) => {
  let calls = 0
  const other = await pod(t, [1])
  const moving = peers([other.address], {
    patience: 60_000,
    async local({ moves }) {
      calls += 1
      const has = calls === 1 ? [0] : [2]
      return moves
        .filter(({ partition }) => has.includes(partition))
        .map((each) => answerOf(each.partition))
    },
  })
  const { answers } = await moving.move(order)
  assert.deepEqual([partitionsOf(answers), calls], [[0, 1, 2], 2])
})

test('what this process has done is answered, also if the token is unusable or another answers nonsense', async (t) => {
  const url = await startHttpServer(t, (_, response) => response.end('{"answers":[{}]}'))
  const address = new URL(url).host
  const nonsense = await peers([address]).move(order)
  const token = () => {
    throw new Error('token names a file that does not exist')
  }
  const unusable = await peers([address], { token }).move(order)
  for (const [{ answers, unreached }, why] of [
    [nonsense, /answers something else/],
    [unusable, /names a file that does not exist/],
  ] as const) {
    assert.deepEqual(partitionsOf(answers), [0])
    assert.match(unreached.join(), why)
  }
})
