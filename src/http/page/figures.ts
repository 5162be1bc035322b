export { count, rate, records, seconds, UNKNOWN } from '../../kernel/text/or-unknown.ts'

/** `2026-11-28 14:02:10 UTC`, from ISO 8601. */
export function moment(iso: string): string {
  return `${iso.slice(0, 19).replace('T', ' ')} UTC`
}
