import { messageOf, OccError } from '../../kernel/errors.ts'
import { fetchSchema } from './fetch-schema.ts'
import type { RegistryOptions } from './request.ts'
import type { RegisteredSchema, Registry, RegistryHooks } from './types.ts'

/** Milliseconds. */
export interface RegistryTimes {
  /** Before an unknown schema is looked for again, because it may be new. */
  readonly secondLook: number
  /** How long a schema stays unknown or unusable without being asked for again. */
  readonly refusedFor: number
  /** Between requests to a registry that does not answer: doubled each time, up to the longest. */
  readonly firstPause: number
  readonly longestPause: number
}

const TIMES: RegistryTimes = {
  secondLook: 1_000,
  refusedFor: 60_000,
  firstPause: 500,
  longestPause: 15_000,
}

/** Bytes that only look like ids would otherwise fill the memory. */
const MAX_KNOWN = 10_000

interface Entry {
  readonly schema: RegisteredSchema | OccError
  /** Monotonic milliseconds; infinite for a schema: one of an id never changes. */
  readonly until: number
}

/**
 * Schemas by id, each loaded once. A registry that is away, refuses the credentials, or answers
 * nonsense is asked again until it answers: only its own word makes a schema unknown.
 */
export function createRegistry(
  options: RegistryOptions,
  hooks: RegistryHooks,
  times: RegistryTimes = TIMES,
): Registry {
  const known = new Map<number, Entry>()
  const loading = new Map<number, Promise<void>>()
  let lastFailure: string | null = null
  const ended = new AbortController()

  async function find(id: number): Promise<RegisteredSchema | OccError> {
    let pause = times.firstPause
    for (let hasLooked = false; ; ) {
      try {
        const schema = await fetchSchema(id, { ...options, signal: ended.signal })
        answered()
        return schema
      } catch (error) {
        if (isRefusal(error)) {
          answered()
          if (hasLooked || error.code === 'OCC_SCHEMA_UNUSABLE') return error
          hasLooked = true
          await paused(times.secondLook)
          continue
        }
        failed(error)
        await paused(pause)
        pause = Math.min(pause * 2, times.longestPause)
      }
    }
  }

  async function load(id: number): Promise<void> {
    const schema = await find(id)
    const until = schema instanceof OccError ? performance.now() + times.refusedFor : Infinity
    known.set(id, { schema, until })
    for (const oldest of known.keys()) {
      if (known.size <= MAX_KNOWN) break
      known.delete(oldest)
    }
    loading.delete(id)
  }

  function answered(): void {
    if (lastFailure === null) return
    lastFailure = null
    hooks.answered()
  }

  function failed(error: unknown): void {
    if (ended.signal.aborted) return
    const text = `The schema registry ${options.url} (decode.registry.url) does not answer: ${messageOf(error)}`
    lastFailure = text
    hooks.failed(new OccError('OCC_REGISTRY_AWAY', text, { cause: error, retriable: true }))
  }

  /** Never ends once it is closed: then nobody waits. */
  function paused(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      setTimeout(() => void (ended.signal.aborted || resolve()), milliseconds).unref()
    })
  }

  function entryOf(id: number): Entry | undefined {
    const entry = known.get(id)
    return entry === undefined || entry.until < performance.now() ? undefined : entry
  }

  return {
    schema(id) {
      const schema = known.get(id)?.schema
      if (schema === undefined) {
        const why = lastFailure ?? `The registry ${options.url} has not been asked yet`
        throw new OccError('OCC_REGISTRY_AWAY', `schema ${id} is not loaded: ${why}`, {
          retriable: true,
        })
      }
      if (schema instanceof OccError) throw schema
      return schema
    },
    load(id) {
      if (entryOf(id) !== undefined) return null
      const running = loading.get(id)
      if (running !== undefined) return running
      const started = load(id)
      loading.set(id, started)
      return started
    },
    close() {
      ended.abort()
    },
  }
}

function isRefusal(error: unknown): error is OccError {
  if (!(error instanceof OccError)) return false
  return error.code === 'OCC_SCHEMA_UNKNOWN' || error.code === 'OCC_SCHEMA_UNUSABLE'
}
