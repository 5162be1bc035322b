import { messageOf } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import type { ConfigStatus } from '../../observe/types.ts'
import { formatProblemLine, type Problem } from '../check/problems.ts'
import type { Config } from '../types.ts'
import { changesOf } from './changes.ts'
import type { LoadResult } from './load.ts'

export interface ReloadParts {
  /** The configuration at the start. */
  readonly started: Config
  /** Warnings that were logged at the start; they are not logged again. */
  readonly warnings: readonly Problem[]
  /** Reads the file and the environment, as at the start. */
  load(): LoadResult
  /**
   * Does everything that can fail. The returned function applies the changes and cannot fail.
   *
   * @param next the configuration at the start with the live keys of now.
   */
  prepare(next: Config): Promise<() => void>
  readonly log: Log
}

/** The configuration of a running service. */
export interface Reload {
  /**
   * Reads the file again, applies the live keys and logs those that wait for a restart. False: it
   * is not valid, for example because a file that it names is missing; nothing changed. Never
   * rejects.
   */
  reload(): Promise<boolean>
  status(): ConfigStatus
}

export function createReload({ started, warnings, load, prepare, log }: ReloadParts): Reload {
  const known = new Set(warnings.map(formatProblemLine))
  let current = started
  let valid = true
  let pendingRestart: readonly string[] = []
  /** Why it is invalid, as logged. */
  let refusal = ''

  function refuse(why: readonly string[]): false {
    valid = false
    const text = why.join(' | ')
    if (text === refusal) return false
    refusal = text
    log.error(
      { event: 'config.invalid', problems: why.length },
      `The configuration has changed and is not valid: none of it is applied, and the previous settings stay in effect. ${text}`,
    )
    return false
  }

  function say(live: readonly string[], before: readonly string[], wasValid: boolean): void {
    const isSamePending = before.join() === pendingRestart.join()
    if (live.length === 0 && isSamePending && wasValid) return
    const parts = [
      live.length > 0 ? `Applied: ${live.join(', ')}.` : 'Nothing to apply.',
      pendingRestart.length > 0 ? `These wait for a restart: ${pendingRestart.join(', ')}.` : '',
    ]
    const level = pendingRestart.length > 0 ? 'warn' : 'info'
    const text = ['The configuration has changed.', ...parts].filter((part) => part !== '')
    log[level]({ event: 'config.changed', applied: live, pendingRestart }, text.join(' '))
  }

  async function reload(): Promise<boolean> {
    const loaded = load()
    if (!loaded.ok) return refuse(loaded.problems.map(formatProblemLine))
    if (loaded.origins.file === undefined) return refuse(['The file is gone'])
    const changes = changesOf(started, current, loaded.config)
    if (changes.live.length > 0) {
      const apply = await prepare(changes.effective)
      apply()
    }
    for (const line of loaded.warnings.map(formatProblemLine)) {
      if (known.has(line)) continue
      known.add(line)
      log.warn({ event: 'config.warned' }, line)
    }
    const [before, wasValid] = [pendingRestart, valid]
    current = changes.effective
    pendingRestart = changes.pendingRestart
    valid = true
    refusal = ''
    say(changes.live, before, wasValid)
    return true
  }

  return {
    async reload() {
      try {
        return await reload()
      } catch (error) {
        return refuse([messageOf(error)])
      }
    },
    status: () => ({ valid, pendingRestart }),
  }
}
