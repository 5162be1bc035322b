import { readZonedTime } from '../../kernel/text/zoned-time.ts'

/** Where offsets should go. */
export type Target =
  | { readonly kind: 'beginning' | 'end' }
  /** The end of the replay under way: where the partition was before it. */
  | { readonly kind: 'before-replay' }
  | { readonly kind: 'offset'; readonly offset: number }
  /** Relative to the committed offset. */
  | { readonly kind: 'shift'; readonly by: number }
  /** Milliseconds since the epoch. */
  | { readonly kind: 'time'; readonly time: number }
  | { readonly kind: 'group'; readonly group: string }
  | { readonly kind: 'file'; readonly path: string }

export const TARGETS =
  'beginning, end, an OFFSET, -1000 (records back), 2h-ago, 2026-01-31T12:00:00Z, group:NAME or file:PLAN'

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/**
 * Reads the text of a target, or says what is wrong with it.
 * @param now milliseconds since the epoch
 */
export function parseTarget(text: string, now: number): Target | string {
  if (text === 'beginning' || text === 'end' || text === 'before-replay') return { kind: text }
  const [, kind, name] = /^(group|file):(.+)$/s.exec(text) ?? []
  if (name !== undefined) {
    return kind === 'group' ? { kind, group: name } : { kind: 'file', path: name }
  }
  if (/^\d+$/.test(text)) return numbered(text, (offset) => ({ kind: 'offset', offset }))
  if (/^[+-]\d+$/.test(text)) return numbered(text, (by) => ({ kind: 'shift', by }))
  const [, count, unit = ''] = /^(\d+(?:\.\d+)?)([smhd])-ago$/.exec(text) ?? []
  if (count !== undefined) {
    const time = Math.round(now - Number(count) * (UNITS[unit] ?? 0) * 1000)
    return time >= 0 ? { kind: 'time', time } : `${text} is before 1970; give a shorter time`
  }
  return timeTarget(text, now)
}

function numbered(text: string, target: (value: number) => Target): Target | string {
  const value = Number(text)
  return Number.isSafeInteger(value) ? target(value) : `${text} is no offset: it is above 2^53`
}

function timeTarget(text: string, now: number): Target | string {
  const time = readZonedTime(text)
  if (time === 'no time') return `${text} is not understood; give ${TARGETS}`
  if (time === 'no zone') {
    return `${text} has no time zone, so it is not clear which moment is meant; write ${zoned(text)} for UTC, or end it with an offset such as +02:00`
  }
  if (time === 'no such date') return `${text} is no date that exists; give ISO 8601 with a zone`
  if (time < 0) return `${text} is before 1970; give a later time`
  return time <= now ? { kind: 'time', time } : `${text} is in the future; give end for the end`
}

function zoned(text: string): string {
  return text.length === 10 ? `${text}T00:00:00Z` : `${text.replace(' ', 'T')}Z`
}

/** The text that `parseTarget` reads as this target. */
export function targetText(target: Target): string {
  switch (target.kind) {
    case 'offset':
      return String(target.offset)
    case 'shift':
      return target.by < 0 ? String(target.by) : `+${target.by}`
    case 'time':
      return new Date(target.time).toISOString()
    case 'group':
      return `group:${target.group}`
    case 'file':
      return `file:${target.path}`
    default:
      return target.kind
  }
}
