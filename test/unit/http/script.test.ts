import assert from 'node:assert/strict'
import test from 'node:test'
import { runInNewContext } from 'node:vm'
import { script } from '../../../src/http/page/script.ts'

const AT_1402 = Date.UTC(2026, 10, 28, 14, 2)

/** A connection for events that the test opens and closes. */
class Source {
  static readonly CLOSED = 2
  static readonly all: Source[] = []
  readyState = 1
  onmessage: (event: { data: string }) => void = () => {}
  onerror: () => void = () => {}
  constructor() {
    Source.all.push(this)
  }
  close(): void {
    this.readyState = Source.CLOSED
  }
}

/** The script in a page with one section. */
function open() {
  Source.all.length = 0
  const state = { now: AT_1402, isSelecting: false, section: 'as loaded', turn: () => {} }
  const section = {
    ...{ dataset: { name: 'keeping-up' }, contains: () => state.isSelecting },
    nodeName: 'as loaded',
    replaceWith: ({ html }: { html: string }) => {
      state.section = html
    },
  }
  const live = { textContent: '', classList: { toggle() {} } }
  const elements: Record<string, object> = { live, said: {}, sentence: section }
  const fresh = { html: '', querySelectorAll: () => [] }
  const listeners: Record<string, () => void> = {}
  class Time extends Date {
    static override now = () => state.now
  }
  runInNewContext(script, {
    EventSource: Source,
    Date: Time,
    setInterval: (turn: () => void) => {
      state.turn = turn
    },
    getSelection: () => ({ isCollapsed: !state.isSelecting, anchorNode: {} }),
    document: {
      getElementById: (id: string) => elements[id] ?? null,
      createElement: () => ({
        content: { firstElementChild: fresh },
        set innerHTML(html: string) {
          fresh.html = html
        },
      }),
      addEventListener: (name: string, listener: () => void) => {
        listeners[name] = listener
      },
    },
  })
  return {
    state,
    live,
    select(isSelecting: boolean) {
      state.isSelecting = isSelecting
      listeners['selectionchange']?.()
    },
    send: (sections: object) =>
      Source.all.at(-1)?.onmessage({ data: JSON.stringify({ title: 't', name: 'n', sections }) }),
    wait(seconds: number) {
      state.now += seconds * 1_000
      state.turn()
    },
  }
}

test('a pod that says nothing for 30 seconds is not live, and is asked again', () => {
  const { live, send, wait } = open()
  send({})
  wait(29)
  assert.deepEqual([live.textContent, Source.all.length], ['Live', 1])
  send({})
  wait(29)
  assert.deepEqual([live.textContent, Source.all.length], ['Live', 1])
  wait(1)
  assert.deepEqual(
    [live.textContent, Source.all.length],
    ['Not live since 14:02:29 UTC: the pod does not answer', 2],
  )
  assert.equal(Source.all[0]?.readyState, Source.CLOSED)
  // However often it is tried, it is as old as it was.
  wait(3)
  Source.all[1]?.onerror()
  assert.match(live.textContent, /since 14:02:29/)
  send({})
  assert.equal(live.textContent, 'Live')
})

test('what changes while somebody selects text is shown when the selection is gone', () => {
  const { state, select, send } = open()
  select(true)
  send({ sentence: 'Stalled' })
  send({})
  assert.equal(state.section, 'as loaded')
  select(false)
  assert.equal(state.section, 'Stalled')
})
