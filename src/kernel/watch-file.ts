import { stat } from 'node:fs/promises'
import { codeOf } from './errors.ts'

/** Polls a file. */
export interface FileWatch {
  /** Polls now. Resolves when the resulting `changed` call has ended. */
  check(): Promise<void>
  /** Stops. Resolves when nothing runs anymore. */
  close(): Promise<void>
}

const INTERVAL = 1_000

/**
 * Polls the file once a second, by its path. This detects a file that is written in place, one that
 * is renamed into place, and the new link in the folder of a mounted ConfigMap, on every file
 * system, network ones included. A change is reported when two polls see the same, because the file
 * may still be being written.
 *
 * @param told the fingerprint of the file as it was read; null: the first state is reported, too.
 * @param changed false: the change cannot be applied yet, and is reported again at the next poll.
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

/** Fingerprint of the file that the path resolves to, through links. Never throws. */
export async function fingerprint(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeMs, ctimeMs } = await stat(path)
    return `${dev} ${ino} ${size} ${mtimeMs} ${ctimeMs}`
  } catch (error) {
    return codeOf(error)
  }
}
