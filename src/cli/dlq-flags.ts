import { parseDuration } from '../config/units.ts'
import type { LetterFilter } from '../sink/dead-letters/types.ts'
import { type Flags, type FlagTable, numberOf, parseFlags, usageError } from './arguments.ts'

export const configFlag = {
  config: {
    value: 'FILE',
    about: 'YAML file; default: $OCC_CONFIG, else /etc/onchain-consumer/config.yaml',
  },
} as const satisfies FlagTable

export const filterFlags = {
  'error-type': { value: 'CODE,...', about: 'letters of these errors only, OCC_JSON_INVALID say' },
  topic: { value: 'NAME,...', about: 'of records of these topics' },
  handler: { value: 'NAME,...', about: 'that these handlers could not handle' },
  since: { value: 'TIME', about: 'failed since: 2h, 30m, or 2026-01-31T12:00:00Z' },
  until: { value: 'TIME', about: 'failed before' },
  limit: { value: 'N', about: 'so many at most' },
} as const satisfies FlagTable

type FilterFlags = Flags<typeof filterFlags>

/** IDs stand before the flags: `dlq redrive ID ID --yes`. */
export function splitNames(args: readonly string[]): { names: readonly string[]; rest: string[] } {
  const end = args.findIndex((arg) => arg.startsWith('-'))
  const count = end === -1 ? args.length : end
  const names = args.slice(0, count)
  for (const name of names) {
    if (!/^[0-9a-f]{16}$|^[^/\s]+\/\d+\/\d+$/.test(name)) {
      throw usageError(
        `"${name}" names no letter; give its ID of 16 characters, or topic/partition/offset`,
      )
    }
  }
  return { names, rest: args.slice(count) }
}

/** Throws OCC_USAGE. @param now milliseconds since the epoch, where durations end. */
export function filterOf(flags: FilterFlags, names: readonly string[], now: number): LetterFilter {
  const since = timeOf('--since', flags.since, now)
  const until = timeOf('--until', flags.until, now)
  if (since !== undefined && until !== undefined && since >= until) {
    throw usageError(`--since ${flags.since} is not before --until ${flags.until}`)
  }
  return {
    ...(names.length === 0 ? {} : { names }),
    ...(flags['error-type'] === undefined ? {} : { errorTypes: listOf(flags['error-type']) }),
    ...(flags.topic === undefined ? {} : { topics: listOf(flags.topic) }),
    ...(flags.handler === undefined ? {} : { handlers: listOf(flags.handler) }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  }
}

export function limitOf({ limit }: FilterFlags, otherwise: number): number {
  return limit === undefined ? otherwise : numberOf('--limit', limit, { min: 1, integer: true })
}

/** Flags and the letters that are named before them. Throws OCC_USAGE. */
export function parseDlq<Table extends FlagTable>(args: readonly string[], table: Table) {
  const { names, rest } = splitNames(args)
  return { names, flags: parseFlags(rest, table) }
}

function listOf(text: string): string[] {
  return text.split(',').map((item) => item.trim())
}

function timeOf(flag: string, text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined
  const ago = /^\d+$/.test(text) ? undefined : parseDuration(text)
  const time = ago === undefined ? Date.parse(text) : now - ago
  if (!Number.isNaN(time) && !/^\d{1,3}$/.test(text)) return time
  throw usageError(`${flag} is ${text}; give a time ago (2h, 30m), or 2026-01-31T12:00:00Z`)
}
