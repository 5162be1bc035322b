import { stat } from 'node:fs/promises'
import { codeOf } from './errors.ts'

/** A look at a file now and then. */
export interface FileWatch {
  /** Looks now. Resolves when what follows from it is done. */
  check(): Promise<void>
  /** Resolves when nothing of it runs any more. */
  close(): Promise<void>
}

const INTERVAL = 1_000

/**
 * Looks at the file once a second, by its path: so it sees a file that is written in place, one that
 * is renamed into its place, and the new link that a mounted ConfigMap's folder gets; on every file
 * system, network ones included. A change is told when the file looks the same twice, as it may be
 * in the middle of being written.
 *
 * @param told the fingerprint of the file as it was read; null: what is seen first is told too.
 * @param changed false: it cannot be taken up as it is, and is told again at the next look.
 */
export function watchFile(
  path: string,
  changed: () => Promise<boolean>,
  told: string | null = null,
): FileWatch {
  let taken = told
  let seen: string | null = null
  let checking: Promise<void> | null = null

  async function look(): Promise<void> {
    const now = await fingerprint(path)
    const isSettled = now === seen
    seen = now
    if (!isSettled || now === taken) return
    taken = (await changed()) ? now : null
  }

  function check(): Promise<void> {
    checking ??= look().finally(() => {
      checking = null
    })
    return checking
  }

  const timer = setInterval(() => void check(), INTERVAL).unref()
  return {
    check,
    async close() {
      clearInterval(timer)
      await checking
    },
  }
}

/** Of what the path leads to at last: another file by another link is another one. Never throws. */
export async function fingerprint(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeMs, ctimeMs } = await stat(path)
    return `${dev} ${ino} ${size} ${mtimeMs} ${ctimeMs}`
  } catch (error) {
    return codeOf(error)
  }
}
