import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import test, { type TestContext } from 'node:test'
import { createLive } from '../../../src/http/page/live.ts'
import { sectionsOf } from '../../../src/http/page/sections.ts'
import type { Overview } from '../../../src/observe/overview/types.ts'
import { numbers, overview } from '../../support/overview.ts'

/** A response that notes what is written; `isFull`: its reader is slow. */
class Viewer extends EventEmitter {
  readonly written: string[] = []
  writableNeedDrain = false
  write(text: string): boolean {
    this.written.push(text)
    return true
  }
  end(): void {
    this.emit('close')
  }
  destroy(): void {
    this.emit('close')
  }
  /** The sections of the last message. */
  last(): string[] {
    const data = /^data: (.*)$/m.exec(this.written.at(-1) ?? '')?.[1]
    return data === undefined ? [] : Object.keys(JSON.parse(data).sections)
  }
}

function setup(t: TestContext) {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const state = { overview: overview(), renderings: 0 }
  const live = createLive({
    source: { overview: () => state.overview },
    sections(now: Overview) {
      state.renderings += 1
      return sectionsOf(now, null)
    },
  })
  const join = () => {
    const viewer = new Viewer()
    assert.ok(live.join(viewer as unknown as ServerResponse))
    return viewer
  }
  return { state, live, join, turn: () => t.mock.timers.tick(2_000) }
}

test('what has changed is rendered once and sent to all; what has not is not sent', (t) => {
  const { state, join, turn } = setup(t)
  const viewers = Array.from({ length: 50 }, join)
  assert.equal(viewers[49]?.last().length, 8)
  turn()
  assert.ok(viewers.every(({ written }) => written.length === 1))
  const before = state.renderings
  state.overview = overview({ numbers: numbers({ lagSeconds: 9 }) })
  turn()
  assert.equal(state.renderings, before + 1)
  for (const viewer of viewers) assert.deepEqual(viewer.last(), ['numbers'])
})

test('nothing is rendered while nobody looks', (t) => {
  const { state, live, join, turn } = setup(t)
  const viewer = join()
  viewer.end()
  assert.equal(live.viewers, 0)
  const before = state.renderings
  turn()
  assert.equal(state.renderings, before)
})

test('a slow viewer gets nothing more, and everything when it has room again', (t) => {
  const { state, join, turn } = setup(t)
  const [slow, fast] = [join(), join()]
  slow.writableNeedDrain = true
  for (const lagSeconds of [7, 8, 9]) {
    state.overview = overview({ numbers: numbers({ lagSeconds }) })
    turn()
  }
  assert.deepEqual([slow.written.length, fast.written.length], [1, 4])
  slow.writableNeedDrain = false
  turn()
  assert.equal(slow.last().length, 8)
  assert.match(slow.written.at(-1) ?? '', /9\.0 s/)
})

test('where nothing changes, the page is told that the pod still answers', (t) => {
  const { join, turn } = setup(t)
  const viewer = join()
  for (let index = 0; index < 7; index++) turn()
  assert.deepEqual([viewer.written.length, viewer.last()], [2, []])
  assert.match(viewer.written.at(-1) ?? '', /^data: .*"sections":\{\}\}\n\n$/)
})

test('a viewer that takes nothing for half a minute has no place any more', (t) => {
  const { live, join, turn } = setup(t)
  const [stuck, slow] = [join(), join()]
  stuck.writableNeedDrain = true
  for (let turns = 0; turns < 16; turns++) {
    slow.writableNeedDrain = turns % 10 !== 0
    turn()
  }
  assert.equal(live.viewers, 1)
  stuck.writableNeedDrain = false
  turn()
  assert.equal(stuck.written.length, 1)
})
