import { DEFAULT_MAX_REDRIVES } from '../../app/letters/selection.ts'
import { GROUPINGS, type Grouping } from '../../app/letters/totals.ts'
import type { LetterFilter } from '../../sink/dead-letters/types.ts'
import {
  type Flags,
  type FlagTable,
  listOf,
  numberOf,
  parseFlags,
  splitAtFlags,
  timeOf,
  usageError,
  wordOf,
} from '../arguments.ts'
import { configFlag } from '../commands/define-command.ts'

const filterFlags = {
  'error-type': {
    value: 'CODE,...',
    about: 'only letters with these error codes, such as OCC_JSON_INVALID',
  },
  topic: { value: 'NAME,...', about: 'only letters of these topics' },
  handler: { value: 'NAME,...', about: 'only letters of these handlers' },
  group: {
    value: 'NAME,...',
    about: 'only letters of these consumer groups, or all; default: kafka.groupId',
  },
  since: { value: 'TIME', about: 'failed at or after: 2h, or 2026-01-31T12:00:00Z' },
  until: { value: 'TIME', about: 'failed before' },
  limit: { value: 'N', about: 'maximum number of letters' },
} as const satisfies FlagTable

/** Without --json. */
export const DEFAULT_LIMIT = 50

export const listFlags = {
  ...filterFlags,
  limit: {
    value: 'N',
    about: `maximum number of letters; default: ${DEFAULT_LIMIT}, with --json all`,
  },
  by: {
    value: 'FIELD,...',
    about: `counts instead of letters, by any of ${GROUPINGS.join(', ')}`,
  },
  parked: { about: 'the parked records in place of the letters, the first due first' },
  json: { about: 'one JSON object per line, without the values' },
  ...configFlag,
} as const satisfies FlagTable

export const showFlags = {
  json: { about: 'one JSON object, with the value in base64' },
  ...configFlag,
} as const satisfies FlagTable

export const redriveFlags = {
  ...filterFlags,
  'to-topic': { value: 'NAME', about: 'send all to this topic; default: to their original topics' },
  'to-group': {
    value: 'NAME',
    about:
      'only this consumer group handles them, or all; default: the group of each letter,\nwith --to-topic all',
  },
  'to-handlers': { about: 'pass to the configured handlers, in this process' },
  rate: { value: 'N', about: 'letters per second; default: no limit' },
  'max-redrives': {
    value: 'N',
    about: `skip letters already redriven N times; default: ${DEFAULT_MAX_REDRIVES}`,
  },
  resend: { about: 'also letters that an interrupted redrive may have sent' },
  parked: { about: 'parked records in place of letters: they are due now' },
  yes: { about: 'execute; without it: a dry run' },
  ...configFlag,
} as const satisfies FlagTable

export const dropFlags = {
  ...filterFlags,
  parked: { about: 'parked records in place of letters: they become letters' },
  yes: { about: 'execute; without it: a dry run' },
  ...configFlag,
} as const satisfies FlagTable

export type FilterFlags = Flags<typeof filterFlags>

/** Throws OCC_USAGE. @param now Milliseconds since the epoch; durations count back from it. */
export function filterOf(flags: FilterFlags, names: readonly string[], now: number): LetterFilter {
  const since = flags.since === undefined ? undefined : timeOf('--since', flags.since, now)
  const until = flags.until === undefined ? undefined : timeOf('--until', flags.until, now)
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

/** As `filterOf`, and nothing that fails from now on: what is sent again may fail at once. */
export function filterUpTo(
  flags: FilterFlags,
  names: readonly string[],
  now: number,
): LetterFilter {
  const filter = filterOf(flags, names, now)
  // A name means its letter, also where the clock of the service is ahead of this one.
  return names.length > 0 ? filter : { until: now, ...filter }
}

/** For a dry run: what to add to mean the same letters later, as a part of a sentence. */
export function untilHint(flags: FilterFlags, { until }: LetterFilter): string {
  if (flags.until !== undefined || until === undefined) return ''
  return `, and --until ${new Date(until).toISOString()} to leave out what fails from now on`
}

/** Throws OCC_USAGE. */
export function groupingOf(text: string): Grouping[] {
  return listOf(text).map((field) => wordOf('--by', field, GROUPINGS))
}

export function limitOf({ limit }: FilterFlags, otherwise: number): number {
  return limit === undefined ? otherwise : numberOf('--limit', limit, { min: 1, integer: true })
}

/**
 * Flags and the names of letters before them: `dlq redrive ID ID --yes`. Throws OCC_USAGE.
 */
export function parseDlq<Table extends FlagTable>(args: readonly string[], table: Table) {
  const [names, rest] = splitAtFlags(args)
  for (const name of names) {
    if (!/^[0-9a-f]{16}$|^[^/\s]+\/\d+\/\d+$/.test(name)) {
      throw usageError(
        `"${name}" does not name a letter; give its ID (16 characters) or topic/partition/offset`,
      )
    }
  }
  return { names, flags: parseFlags(rest, table) }
}
