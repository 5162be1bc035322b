import { formatCount, formatDuration } from '../../kernel/text/figures.ts'

/** What is not known looks so: never as a number. */
export const UNKNOWN = '?'

export function cell<Value>(value: Value | null, format: (value: Value) => string): string {
  return value === null ? UNKNOWN : format(value)
}

export const countCell = (count: number | null) => cell(count, formatCount)

/** @param milliseconds below 0: it is over already */
export const timeCell = (milliseconds: number | null) =>
  cell(milliseconds, (time) => (time <= 0 ? '0 s' : formatDuration(time)))

/** Columns of tables, at least and at most. */
const [NARROWEST, WIDEST] = [20, 120]

/** Columns of tables: those of the terminal, within bounds. Some that are not set up yet say 0. */
export function tableWidth({
  isTTY,
  columns = 0,
}: {
  isTTY?: boolean | undefined
  columns?: number | undefined
}): number {
  if (isTTY !== true || columns === 0) return WIDEST
  return Math.min(Math.max(columns, NARROWEST), WIDEST)
}
