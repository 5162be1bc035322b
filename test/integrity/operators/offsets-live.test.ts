// Offsets set by the API while three members consume under load, and the owner of one of the
// partitions killed in the middle: every record from the new offset on is handled again and marked,
// none is lost, and nobody else notices. Two operators at once: one of them is refused.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { freePorts } from '../../../dev/kafka/nodes/ports.ts'
import { createGroupOffsets } from '../../../src/broker/group-state/group-offsets.ts'
import { offsets } from '../../../src/cli/offsets/offsets.ts'
import { lz4Codec } from '../../../src/decode/lz4/codec.ts'
import { sleep } from '../../../src/kernel/lifecycle.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { recordName } from '../../../src/kernel/shapes/record.ts'
import { fakeIo } from '../../support/fake-io.ts'
import { until } from '../../support/waiting.ts'
import { type Handling, readHandlings } from '../support/ledger.ts'
import type { Service } from '../support/service.ts'
import { brokerOptions, createScene, startProducer } from '../support/setup.ts'
import { sizeOf } from '../support/size.ts'

const TOKEN = 'a-token-that-nobody-guesses'
/** Of these partitions of `a` the offsets are set; the others, and all of `b`, are bystanders. */
const MOVED = [0, 2, 4]
const REWINDS = sizeOf('REWINDS', 3)
/** Records a second. */
const RATE = sizeOf('RATE', 300)
/** How far back each time. Milliseconds. */
const BACK = 2_000

interface Moved {
  readonly partition: number
  readonly before: number
  readonly offset: number
  /** When it was asked for, milliseconds since the epoch. */
  readonly since: number
}

interface Planned {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly committed: number
  readonly move: string | null
}

test('set back while it runs, again and again: handled again, none lost, nobody else touched', async (t) => {
  const scene = await createScene(t, { topic: 'a', partitions: 6 })
  await scene.kafka.tools.createTopic('b', 2)
  const producer = await startProducer(t, scene.brokers)
  const tokenFile = join(scene.folder, 'token')
  writeFileSync(tokenFile, TOKEN)
  const ports = await freePorts(3)
  const env = {
    KAFKA_TOPICS: 'a,b',
    KAFKA_SESSION_TIMEOUT_MS: '6000',
    KAFKA_HEARTBEAT_INTERVAL_MS: '500',
    OCC_ADMIN_TOKEN_FILE: tokenFile,
    OCC_HTTP_PEERS: ports.map((port) => `127.0.0.1:${port}`).join(),
  }
  const start = (index: number) => scene.start({ ...env, HTTP_PORT: String(ports[index]) })
  const services = await Promise.all([0, 1, 2].map(start))
  await Promise.all(services.map((service) => service.ready()))
  const stored = (groupId: string) => {
    const options = { groupId, readUncommitted: false }
    return createGroupOffsets(brokerOptions(scene.brokers), options, silentLog, lz4Codec)
  }
  // Another group of the same topics, with offsets of its own.
  const other = stored('bystander')
  t.after(() => other.close())
  await other.read(['a', 'b'])
  const kept = { move: null, replay: null, skippedFrom: null }
  await other.store([0, 1].map((partition) => ({ topic: 'b', partition, offset: 0, ...kept })))
  const bystander = await other.read(null)

  const own = stored(scene.groupId)
  t.after(() => own.close())

  let isLoading = true
  let produced = 0
  const loading = (async () => {
    while (isLoading) {
      const timestamp = String(Date.now())
      const messages = Array.from({ length: RATE / 10 }, (_, index) => ({
        partition: index % 6,
        value: `${produced + index}`,
        timestamp,
      }))
      const some = messages.slice(0, 10).map((each) => ({ ...each, partition: each.partition % 2 }))
      await producer.sendBatch({
        topicMessages: [
          { topic: 'a', messages },
          { topic: 'b', messages: some },
        ],
      })
      produced += messages.length + some.length
      await sleep(100)
    }
  })()

  async function put(service: Service, body: object) {
    const response = await fetch(`${service.url}/api/v1/offsets`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const answer = JSON.parse(await response.text())
    return { status: response.status, answer }
  }

  /** Resolves with the plan that sets all of them back: whoever is behind may not have got as far yet. */
  async function plan(service: Service): Promise<Planned[]> {
    let partitions: Planned[] = []
    await until(async () => {
      const to = new Date(Date.now() - BACK).toISOString()
      const { status, answer } = await put(service, { topics: ['a'], partitions: MOVED, to })
      // So many requests a second are too many.
      if (status === 429) return false
      assert.equal(status, 200, JSON.stringify(answer))
      partitions = answer.partitions
      return partitions.every(({ committed, offset }) => committed > offset)
    }, 'the plan to be behind what is committed')
    return partitions
  }

  const moved: Moved[] = []
  /** Sets offsets by this plan; what was set is noted. */
  async function apply(service: Service, partitions: readonly Planned[]) {
    const since = Date.now()
    const { status, answer } = await put(service, { plan: partitions.map(move) })
    for (const each of answer.applied ?? []) moved.push({ ...each, since })
    return { status, answer }
  }

  /** By the command: set back, and undone by the file that it wrote. */
  async function undone(): Promise<void> {
    const through = ['--url', services[0]?.url ?? '', '--token-file', tokenFile, '--yes']
    const run = async (...args: readonly string[]) => {
      const io = fakeIo()
      assert.equal(await offsets([...args, ...through], io), 0, io.stdout.written())
    }
    const committed = async () => (await own.read(['a'])).partitions.map((each) => each.committed)
    const before = await committed()
    const [undo, redo] = [join(scene.folder, 'undo.json'), join(scene.folder, 'redo.json')]
    await run('set', '--topic', 'a', '--partition', '1,3', '--to', '-5', '--undo', undo)
    await run('import', undo, '--undo', redo)
    await until(async () => isDeepStrictEqual(await committed(), before), 'the offsets to be back')
  }

  const handlings = () => readHandlings(scene.folder).sort((a, b) => a.time - b.time)
  const linesOf = (each: Service) => each.log().filter(({ event }) => event === 'group.rebalanced')
  const rounds = () => services.map((each) => linesOf(each).length)
  /** A partition moves in two rounds, and is nobody's between them. */
  async function isWhole(): Promise<boolean> {
    const { partitions } = await own.read(['a', 'b'])
    const generations = services.map((each) => linesOf(each).at(-1)?.['generation'])
    return new Set(generations).size === 1 && partitions.every(({ owner }) => owner !== null)
  }
  const service = (index: number) => services[index % 3] ?? assert.fail()

  const alone = Math.ceil(REWINDS / 2)
  await until(() => handlings().length > RATE * 3, 'some records')
  await until(isWhole, 'the group to be whole')
  const before = rounds()
  for (let turn = 0; turn < alone; turn++) {
    const partitions = await plan(service(turn))
    const both = await Promise.all([
      apply(service(turn), partitions),
      apply(service(turn + 1), partitions),
    ])
    // Two operators with the same plan: each partition is set by one of them.
    const places = both
      .flatMap(({ answer }) => answer.applied ?? [])
      .map(({ partition }) => partition)
    assert.deepEqual(places.toSorted(), MOVED, JSON.stringify(both))
    await sleep(1_000)
  }
  assert.deepEqual(rounds(), before)
  const unmovedAgain = again(handlings()).filter(isBystander).length
  assert.equal(unmovedAgain, 0)

  // The owner of one of them dies in the middle; what it did not do is asked for again.
  const owner = services.findIndex((each) => owns(each, 2))
  assert.ok(owner >= 0)
  const asked = service(owner + 1)
  const dying = plan(asked).then((partitions) => apply(asked, partitions))
  await service(owner).kill()
  const killedAt = Date.now()
  const answered = await dying
  services[owner] = await start(owner)
  await service(owner).ready()
  await until(async () => {
    const done = new Set(
      moved.filter(({ since }) => since >= killedAt).map(({ partition }) => partition),
    )
    if (MOVED.every((partition) => done.has(partition))) return true
    await apply(asked, await plan(asked))
    return false
  }, 'all offsets to be set after the kill')
  await until(isWhole, 'the group to be whole again')
  const whole = rounds()
  for (let turn = alone; turn < REWINDS; turn++) {
    const { answer } = await apply(service(turn), await plan(service(turn)))
    assert.equal(answer.applied.length, MOVED.length, JSON.stringify(answer))
    await sleep(1_000)
  }
  assert.deepEqual(rounds(), whole)

  isLoading = false
  await loading
  await until(async () => {
    const { partitions } = await own.read(['a', 'b'])
    return partitions.every(({ committed, end, replay }) => committed === end && replay === null)
  }, 'everything to be committed, and no replay to be left')
  const { partitions } = await own.read(['a', 'b'])
  await undone()
  for (const each of services) assert.equal(await each.terminate(), 0)

  const all = handlings()
  const seen = new Set(all.map(recordName))
  const lost = partitions.flatMap(({ topic, partition, end }) =>
    Array.from({ length: end }, (_, offset) => `${topic}/${partition}/${offset}`).filter(
      (name) => !seen.has(name),
    ),
  )
  const missing = moved.flatMap((each) => notAgain(each, all))
  const first = new Map<string, Handling>()
  for (const each of all) if (!first.has(recordName(each))) first.set(recordName(each), each)
  const silenced = [...first.values()].filter(({ isReplay }) => isReplay).length
  const repeated = again(all)
  const others = repeated.filter(isBystander)
  const unmarked = repeated.filter((each) => !isBystander(each) && !each.isReplay)
  console.log(
    `${REWINDS + 1} changes of ${MOVED.length} partitions under ${RATE} records/s, one owner killed: ` +
      `${produced} records in, ${all.length} handlings, ${moved.length} offsets set, ` +
      `${repeated.length} handled again, lost ${lost.length}, not handled again ${missing.length}, ` +
      `${silenced} marked as a replay that were none, ${unmarked.length} handled again unmarked (the kill: ` +
      `${others.length} of other partitions); the change during the kill: ${JSON.stringify(answered.answer.refused?.length ?? answered.answer.code)} refused`,
  )
  assert.deepEqual([lost, missing, silenced], [[], [], 0])
  // Only a kill makes anything be handled again that was not asked for.
  for (const each of [...others, ...unmarked])
    assert.ok(each.time >= killedAt, JSON.stringify(each))
  const left = await other.read(null)
  assert.deepEqual(left, { ...bystander, partitions: left.partitions })
  assert.deepEqual(
    left.partitions.map(({ committed, move }) => [committed, move]),
    bystander.partitions.map(({ committed, move }) => [committed, move]),
  )
})

function move({ topic, partition, offset, committed, move: last }: Planned) {
  return { topic, partition, offset, committed, move: last }
}

function isBystander({ topic, partition }: Handling): boolean {
  return topic !== 'a' || !MOVED.includes(partition)
}

/** Whether the last lines of its log about the partition say that it has it. */
function owns(service: Service, partition: number): boolean {
  const about = service
    .log()
    .findLast(
      ({ event, partitions }) =>
        (event === 'partitions.assigned' || event === 'partitions.revoked') &&
        Array.isArray(partitions) &&
        partitions.includes(`a/${partition}`),
    )
  return about?.event === 'partitions.assigned'
}

/** Offsets of the change that nobody handled after it was asked for. */
function notAgain({ partition, before, offset, since }: Moved, all: readonly Handling[]): string[] {
  const later = new Set(
    all
      .filter((each) => each.topic === 'a' && each.partition === partition && each.time >= since)
      .map((each) => each.offset),
  )
  return Array.from({ length: Math.max(0, before - offset) }, (_, index) => offset + index)
    .filter((each) => !later.has(each))
    .map((each) => `a/${partition}/${each}`)
}

/** Handlings of what was handled already. */
function again(all: readonly Handling[]): Handling[] {
  const seen = new Set<string>()
  return all.filter((each) => {
    const name = recordName(each)
    if (seen.has(name)) return true
    seen.add(name)
    return false
  })
}
