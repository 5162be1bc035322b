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

/** Columns of tables: those of the terminal, up to 120. */
export function tableWidth({
  isTTY,
  columns = 120,
}: {
  isTTY?: boolean | undefined
  columns?: number | undefined
}): number {
  return isTTY === true ? Math.min(columns, 120) : 120
}
