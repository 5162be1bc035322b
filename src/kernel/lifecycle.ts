import { OccError } from './errors.ts'

/**
 * Undo steps, run once each in reverse order, even if another one failed. Code that starts
 * something pushes right there how to stop it.
 */
export interface UndoStack {
  push(name: string, undo: () => void | Promise<void>): void
  /** Runs all steps and returns all failures, by name. */
  run(): Promise<ReadonlyArray<{ name: string; error: unknown }>>
}

export function createUndoStack(): UndoStack {
  const steps: Array<{ name: string; undo: () => void | Promise<void> }> = []
  return {
    push(name, undo) {
      steps.push({ name, undo })
    },
    async run() {
      const failures: Array<{ name: string; error: unknown }> = []
      for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
        try {
          await step.undo()
        } catch (error) {
          failures.push({ name: step.name, error })
        }
      }
      return failures
    },
  }
}

/** Rejects with OCC_DEADLINE if `work` takes longer; the work itself continues. */
export async function withDeadline<T>(
  work: Promise<T>,
  milliseconds: number,
  what: string,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new OccError('OCC_DEADLINE', `${what} did not end within ${milliseconds} ms`)),
      milliseconds,
    )
  })
  try {
    return await Promise.race([work, deadline])
  } finally {
    clearTimeout(timer)
  }
}

/** Resolves after this time, or when the signal aborts. Never rejects. */
export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, Math.max(0, milliseconds))
    signal?.addEventListener('abort', done, { once: true })
  })
}

/** Resolves when either has come. @param awaited never rejects */
export function unlessAborted(awaited: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const aborted = () => resolve()
  signal.addEventListener('abort', aborted)
  if (signal.aborted) aborted()
  void awaited.then(resolve)
  return promise.finally(() => signal.removeEventListener('abort', aborted))
}
