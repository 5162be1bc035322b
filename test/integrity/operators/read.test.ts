import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import test from 'node:test'
import { MAIN } from '../../support/service-main.ts'
import { printFigures } from '../support/accounting.ts'
import { moveLeaders } from '../support/broker/move-leaders.ts'
import { peakMiB } from '../support/kernel-figures.ts'
import { createScene } from '../support/setup.ts'
import { sizeOf } from '../support/size.ts'
import { produceText, TEXT } from '../support/text-records.ts'

const RECORDS = sizeOf('RECORDS', 100_000)
const BYTES = 1_000
const NODES = 3
/** Moves of leaders while it reads: more than what waits in the reader's queue lies between two. */
const MOVES = 3
const MOST_MIB = 450

test('read while leaders move: each record once and in order, in bounded memory', async (t) => {
  const assignments = [[1], [2], [3], [1], [2], [3]]
  const scene = await createScene(t, { nodes: NODES, assignments })
  const { topic, brokers } = scene
  await produceText(scene, { records: RECORDS, bytes: BYTES, properties: [] })
  const config = join(scene.folder, 'config.yaml')
  writeFileSync(config, JSON.stringify(TEXT))
  const args = ['read', topic, '--json', '--brokers', brokers, '--config', config]
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  t.after(() => child.kill('SIGKILL'))
  const exit = once(child, 'close')
  const stderr = text(child.stderr)

  const next = new Map<number, number>()
  const faults: string[] = []
  let count = 0
  let moves = 0
  let peak = 0

  function take(line: string): void {
    const match = /"partition":(\d+),"offset":(\d+)/.exec(line)
    const [partition, offset] = [Number(match?.[1]), Number(match?.[2])]
    const expected = next.get(partition) ?? 0
    if (offset !== expected) faults.push(`${partition}@${offset} in place of ${expected}`)
    next.set(partition, offset + 1)
    count += 1
  }

  let rest = ''
  // Nothing is taken from the pipe during a move, so that the reader waits, too.
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    const lines = `${rest}${chunk}`.split('\n')
    rest = lines.pop() ?? ''
    lines.forEach(take)
    if (moves < MOVES && count >= ((moves + 1) * RECORDS) / (MOVES + 1)) {
      await moveLeaders(scene, moves)
      moves += 1
      peak = peakMiB(child.pid)
    }
    if (count % 50 === 0) peak = Math.max(peak, peakMiB(child.pid) || 0)
  }
  const [code] = await exit
  printFigures('read', {
    records: RECORDS,
    read: count,
    'moves of two leaders': moves,
    'lost, repeated or out of order': faults.length,
    'resident, peak (MiB)': peak,
  })
  assert.deepEqual([code, await stderr, faults.slice(0, 5)], [0, '', []])
  assert.deepEqual([count, moves], [RECORDS, MOVES])
  assert.ok(peak > 0 && peak < MOST_MIB, `${peak} MiB`)
})
