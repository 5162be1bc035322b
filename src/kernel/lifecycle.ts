import { OccError } from './errors.ts'

/**
 * Undo steps, run in reverse order of their pushing, each once, each even if another one failed.
 * Whoever starts something pushes how to stop it, right there.
 */
export interface UndoStack {
  push(name: string, undo: () => void | Promise<void>): void
  /** Runs all steps; returns what failed, by name, rather than hiding the second failure. */
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

/** Rejects with OCC_DEADLINE when `work` takes longer; the work itself goes on unobserved. */
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

/** Waits, or returns at once when the signal aborts. Never rejects. */
export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    signal?.addEventListener('abort', done, { once: true })
  })
}
