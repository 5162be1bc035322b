import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import { printFigures, readFailed } from '../support/accounting.ts'
import { checkOrder, readAttempts, successesOf } from '../support/attempts.ts'
import { startMembers } from '../support/members.ts'
import { createScene, PARTITIONS } from '../support/setup.ts'
import { sizeOf } from '../support/size.ts'
import { spread, type Task } from '../support/tasks.ts'

const RECORDS = sizeOf('RECORDS', 10_000)
const RATE = sizeOf('RATE', 500)
const ATTEMPTS = 3
const MIN_OF_EACH = sizeOf('KILLS', 2)

/** One in a hundred always fails. The key is the partition: nothing of a partition may swap. */
function makeTask(id: number): Task {
  const bad = spread(id, 2, 2) === 0 ? 'permanent' : 'always'
  return { id, key: id % PARTITIONS, wait: 0, fault: spread(id, 1, 100) === 0 ? bad : null }
}

test('batches of 50 with bad records in them, kill -9 and restarts: the bad ones are found, none lost, none swapped', async (t) => {
  const scene = await createScene(t)
  const { options } = scene.planned
  const config = {
    handlers: [{ path: join(import.meta.dirname, '../handlers/planned-batch.ts'), options }],
    retry: { attempts: ATTEMPTS, backoff: '20ms', maxBackoff: '100ms' },
    lag: { interval: '1s' },
  }
  const tasks = Array.from({ length: RECORDS }, (_, id) => makeTask(id))
  const bad = tasks.filter(({ fault }) => fault !== null)
  const members = await startMembers(scene, config, 2)
  const { killed } = members
  await members.churn(scene.send(tasks, RATE), MIN_OF_EACH)
  await members.committed(RECORDS)
  const attempts = readAttempts(scene.folder)
  const successes = successesOf(attempts)
  const order = checkOrder(attempts, ATTEMPTS)
  const letters = readFailed(scene.folder).map(({ partition, offset }) => `${partition}/${offset}`)
  const dead = new Set(letters)
  const nameOf = ({ id }: Task) => `${id % PARTITIONS}/${Math.floor(id / PARTITIONS)}`
  const lost = tasks.filter((task) => !successes.has(task.id) && !dead.has(nameOf(task)))
  const again = [...successes.values()].flatMap((own) => own.slice(0, -1))
  printFigures('batches', {
    'records in': RECORDS,
    'kill -9, graceful restarts': `${killed.size}, ${members.restarts}`,
    handled: successes.size,
    'always fail': bad.length,
    'dead letters': `${dead.size} (${letters.length - dead.size} of them twice)`,
    lost: lost.length,
    'swapped within a partition': order.swapped.length,
    'handled again after a kill -9': again.filter(({ service }) => killed.has(service)).length,
    'handled again without': again.filter(({ service }) => !killed.has(service)).length,
  })
  assert.deepEqual(lost.slice(0, 10), [])
  assert.deepEqual([...dead].sort(), bad.map(nameOf).sort())
  assert.ok(bad.every(({ id }) => !successes.has(id)))
  assert.deepEqual(order.swapped.slice(0, 10), [])
  assert.deepEqual(
    again.filter(({ service }) => !killed.has(service)).slice(0, 10),
    [],
    'only what a killed process had handled is handled again',
  )
  await members.terminate()
})
