import type { ServerResponse } from 'node:http'
import type { Overview, OverviewSource } from '../../observe/overview/types.ts'
import type { Html } from './html.ts'
import { titleOf } from './page.ts'

/** Viewers at once; more get the page, which then stays as it is. */
export const MAX_VIEWERS = 100
/** Milliseconds. */
const INTERVAL = 2_000
/** A proxy may close a connection on which nothing is sent, and the page gives it up. Intervals. */
const SILENT_TURNS = 7
/** Turns in which a viewer takes nothing, after which its place is free. The page itself waits as long. */
const STUCK_TURNS = 15

/** Sends the parts of the page that have changed to all viewers: each is made and written once. */
export interface Live {
  /** False: there are too many. Otherwise the response is the viewer's until it goes or `close`. */
  join(response: ServerResponse): boolean
  readonly viewers: number
  close(): void
}

interface Viewer {
  readonly response: ServerResponse
  /** It was too slow to get a change, and gets everything when it has room again. */
  isBehind: boolean
  /** Turns for which it has taken nothing. */
  stuck: number
}

export interface LiveParts {
  readonly source: OverviewSource
  sections(overview: Overview): ReadonlyMap<string, Html>
  /** Default: 2 s. */
  readonly interval?: number
  readonly most?: number
}

export function createLive({
  source,
  sections,
  interval = INTERVAL,
  most = MAX_VIEWERS,
}: LiveParts): Live {
  const viewers = new Set<Viewer>()
  let last: ReadonlyMap<string, string> = new Map()
  /** A message with all parts: written only if somebody needs it, once. */
  let everything = () => ''
  let silent = 0
  let timer: NodeJS.Timeout | undefined

  /** What has changed since the last time, empty: nothing; and a message without any change. */
  function render() {
    const overview = source.overview()
    const texts = new Map(Array.from(sections(overview), ([id, { text }]) => [id, text]))
    const changed = [...texts].filter(([id, text]) => last.get(id) !== text)
    last = texts
    const { at, sentence } = overview
    const about = { at, name: sentence.name, title: titleOf(overview) }
    everything = once(() => message({ ...about, sections: Object.fromEntries(texts) }))
    const change = message({ ...about, sections: Object.fromEntries(changed) })
    const unchanged = message({ ...about, sections: {} })
    return { change: changed.length === 0 ? '' : change, unchanged }
  }

  function turn(): void {
    const { change, unchanged } = render()
    silent = change === '' ? silent + 1 : 0
    const isDue = silent >= SILENT_TURNS
    if (isDue) silent = 0
    const text = isDue ? unchanged : change
    for (const viewer of viewers) {
      viewer.stuck = viewer.response.writableNeedDrain ? viewer.stuck + 1 : 0
      if (viewer.stuck > STUCK_TURNS) viewer.response.destroy()
      else if (viewer.stuck > 0) viewer.isBehind ||= change !== ''
      else if (viewer.isBehind) {
        viewer.isBehind = false
        viewer.response.write(everything())
      } else if (text !== '') viewer.response.write(text)
    }
  }

  function leave(viewer: Viewer): void {
    viewers.delete(viewer)
    if (viewers.size === 0) clearInterval(timer)
  }

  return {
    join(response) {
      if (viewers.size >= most) return false
      const viewer = { response, isBehind: false, stuck: 0 }
      if (viewers.size === 0) {
        timer = setInterval(turn, interval).unref()
        render()
      }
      viewers.add(viewer)
      response.on('close', () => leave(viewer))
      response.on('error', () => leave(viewer))
      response.write(`retry: 3000\n\n${everything()}`)
      return true
    },
    get viewers() {
      return viewers.size
    },
    close() {
      clearInterval(timer)
      for (const { response } of viewers) response.end()
      viewers.clear()
    },
  }
}

function message(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`
}

function once(write: () => string): () => string {
  let text: string | null = null
  return () => {
    text ??= write()
    return text
  }
}
