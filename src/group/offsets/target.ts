import { PLACES, readPlace } from '../../kernel/text/place.ts'

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

export const TARGETS = `${PLACES}, group:NAME or file:PLAN`

/**
 * Reads the text of a target, or says what is wrong with it.
 * @param now milliseconds since the epoch
 */
export function parseTarget(text: string, now: number): Target | string {
  if (text === 'before-replay') return { kind: text }
  const [, kind, name] = /^(group|file):(.+)$/s.exec(text) ?? []
  if (name !== undefined) {
    return kind === 'group' ? { kind, group: name } : { kind: 'file', path: name }
  }
  const isForward = /^\+\d+$/.test(text)
  const place = readPlace(isForward ? text.slice(1) : text, now, TARGETS)
  if (typeof place === 'string') return place
  if (place.kind === 'back') return { kind: 'shift', by: -place.records }
  if (place.kind === 'offset') {
    return isForward ? { kind: 'shift', by: place.offset } : place
  }
  const isFuture = place.kind === 'time' && place.time > now
  return isFuture ? `${text} is in the future; give END for the end` : place
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
