import type { Row } from './types.ts'

export interface Place {
  readonly x: number
  readonly y: number
  readonly w: number
  readonly h: number
}

const COLUMNS = 24
const HEIGHT = { stat: 4, timeseries: 8 }

/** Positions of each row's title and panels, from left to right and top to bottom. */
export function layOut(rows: readonly Row[]): Array<{ row: Row; title: Place; panels: Place[] }> {
  let y = 0
  return rows.map((row) => {
    const title = { x: 0, y, w: COLUMNS, h: 1 }
    y += 1
    let x = 0
    let height = 0
    const panels = row.panels.map(({ kind, width }) => {
      if (x + width > COLUMNS) {
        y += height
        x = 0
        height = 0
      }
      const place = { x, y, w: width, h: HEIGHT[kind] }
      x += width
      height = Math.max(height, place.h)
      return place
    })
    y += height
    return { row, title, panels }
  })
}
