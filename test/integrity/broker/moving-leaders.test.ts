import assert from 'node:assert/strict'
import test from 'node:test'
import { sleep } from '../../../src/kernel/lifecycle.ts'
import { until } from '../../support/waiting.ts'
import { countHandled, printFigures } from '../support/accounting.ts'
import { moveLeaders } from '../support/broker/move-leaders.ts'
import { shareKafka } from '../support/broker/shared-kafka.ts'
import { openLedger, readLogs, troubles } from '../support/ledger.ts'
import { startLoad } from '../support/load.ts'
import { sizeOf } from '../support/size.ts'

const NODES = 3
const createScene = shareKafka({ nodes: NODES })
const MOVES = sizeOf('MOVES', 6)
/** Milliseconds from one move to the next, at least: by turns from the first to the second. */
const PAUSES = [1_500, 2_500] as const
/** Records that are handled from one move to the next, at least. */
const BETWEEN = 100
const BATCH = 10
/**
 * A queue of this many records is a second of work for the handler, and so is what a fetch brings: fetching never
 * stops, and what is handled soon passes the offset at which a leader moved.
 */
const ENV = { HANDLE_MS: '20', OCC_FLOW_QUEUE_MAX_RECORDS_PER_PARTITION: '50' }
const BYTES = 20_000

for (const members of [1, 3]) {
  test(`leaders move under a backlog, ${members} members: nothing is lost or repeated`, async (t) => {
    const assignments = [[1], [2], [3], [1], [2], [3]]
    const scene = await createScene(t, { assignments })
    // More than is handled meanwhile.
    const batches = 20 + 10 * MOVES
    const backlog = startLoad(scene, { count: BATCH, every: 0, bytes: BYTES, batches })
    await backlog.stop()
    const backlogRecords = batches * BATCH * assignments.length
    const ledger = openLedger(scene)
    t.after(() => ledger.close())
    const services = await Promise.all(Array.from({ length: members }, () => scene.start(ENV)))
    await Promise.all(services.map((service) => service.ready()))
    const started = performance.now()
    for (let turn = 0; turn < MOVES; turn++) {
      const [least, most] = PAUSES
      const due = performance.now() + least + ((turn * 7) % 5) * ((most - least) / 4)
      const wanted = Math.min(countHandled(scene.folder) + BETWEEN, backlogRecords)
      await moveLeaders(scene, turn)
      await sleep(Math.max(0, due - performance.now()))
      await until(() => countHandled(scene.folder) >= wanted, 'records to be handled')
    }
    const seconds = (performance.now() - started) / 1000
    for (const service of services) assert.equal(await service.terminate(), 0)
    const { committed, handled, lost, again, againAfterFence, wentBack } = await ledger.account()
    const errors = readLogs(scene.folder).filter(({ level }) => level === 'error')
    printFigures(`moving leaders, ${members} members`, {
      moves: `${2 * MOVES} partitions within ${seconds.toFixed(0)} s`,
      committed,
      handled,
      'lost (goal 0)': lost.length,
      'handled again (goal 0)': again,
      'of these after a fence': againAfterFence,
      'offsets that went back (goal 0)': wentBack.join('; ') || 0,
      troubles: troubles(scene.folder),
    })
    assert.deepEqual(lost.slice(0, 10), [])
    assert.deepEqual(wentBack, [])
    // A gap between two batches is refused and said: its partition would stop.
    assert.deepEqual(errors, [])
    assert.equal(again - againAfterFence, 0, 'nothing is handled again without a fence')
    // Shut down in an orderly way, so that what was handled is committed.
    assert.equal(handled - again, committed)
    assert.ok(committed > 500, `${committed} records say nothing`)
  })
}
