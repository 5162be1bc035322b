// What a page costs whoever looks at it, in a real Chromium.
import type { CDPSession, Page } from 'playwright-core'

/** Milliseconds: a frame that took longer is seen to stutter. */
export const LONG = 50

export interface Smoothness {
  readonly frames: number
  /** Frames that came later than `LONG` after the one before. */
  readonly long: number
  /** Milliseconds; so are those below. */
  readonly longestFrame: number
  /** 0: none took `LONG`. */
  readonly longestTask: number
  /** CPU time of the page's main thread, of each second. */
  readonly busy: number
}

/** Keeps the time of each frame, and of the tasks that browsers call long. */
const RECORDER = `(() => {
  let seen = { frames: [], tasks: [] }
  let last = performance.now()
  function frame(now) {
    seen.frames.push(now - last)
    last = now
    requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) seen.tasks.push(duration)
  }).observe({ type: 'longtask' })
  globalThis.taken = () => {
    const all = seen
    seen = { frames: [], tasks: [] }
    return all
  }
})()`

interface Recorded {
  readonly frames: readonly number[]
  readonly tasks: readonly number[]
}

/** How smooth the page is while something is done, from its next load on. */
export async function watchFrames(page: Page) {
  await page.addInitScript(RECORDER)
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  const take = (): Promise<Recorded> => page.evaluate('taken()')
  return async (act: () => Promise<unknown>): Promise<Smoothness> => {
    await take()
    const [before, began] = [await taskSeconds(session), performance.now()]
    await act()
    const { frames, tasks } = await take()
    const seconds = (performance.now() - began) / 1000
    return {
      frames: frames.length,
      long: frames.filter((each) => each > LONG).length,
      longestFrame: Math.max(0, ...frames),
      longestTask: Math.max(0, ...tasks),
      busy: (1000 * ((await taskSeconds(session)) - before)) / seconds,
    }
  }
}

async function taskSeconds(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics')
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN
}
