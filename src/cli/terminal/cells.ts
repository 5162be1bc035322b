export {
  count as countCell,
  milliseconds as timeCell,
  orUnknown as cell,
  rate as rateCell,
  seconds as secondsCell,
  UNKNOWN,
} from '../../kernel/text/or-unknown.ts'

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
