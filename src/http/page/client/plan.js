import { element } from './element.js'
import { formatCount, formatSeconds, moment } from './names.js'

/**
 * @typedef {object} Planned one partition of a plan, as the API answers it
 * @property {string} topic
 * @property {number} partition
 * @property {number | null} committed
 * @property {string | null} move
 * @property {number} offset
 * @property {number} replay
 * @property {number} skip
 * @property {number | null} deleted
 * @property {number} beyond
 * @property {number | null} time
 * @property {string | null} owner
 * @property {number | null} seconds
 *
 * @typedef {{ readonly topic: string, readonly partition: number, readonly reason: string }} Left
 */

/**
 * As in `onchain-consumer offsets plan`.
 *
 * @type {ReadonlyArray<readonly [name: string, text: (each: Planned) => string, isNumber?: true]>}
 */
const COLUMNS = [
  ['Partition', (each) => `${each.topic}/${each.partition}`],
  ['Committed', (each) => (each.committed === null ? 'none' : formatCount(each.committed)), true],
  ['New', (each) => formatCount(each.offset), true],
  ['Replay', (each) => formatCount(each.replay), true],
  ['Skip', (each) => formatCount(each.skip), true],
  ['Record time', (each) => moment(each.time)],
  ['Deleted', (each) => (each.deleted === null ? 'some' : formatCount(each.deleted)), true],
  ['Takes', (each) => formatSeconds(each.seconds), true],
  ['Owner', (each) => each.owner ?? ''],
]

/**
 * What a change of offsets would do.
 *
 * @param {readonly Planned[]} partitions
 */
export function planTable(partitions) {
  const heads = COLUMNS.map(([name, , isNumber]) =>
    element('th', { scope: 'col', class: classOf(isNumber) }, name),
  )
  const rows = partitions.map((each) => {
    const cells = COLUMNS.map(([, text, isNumber], index) => {
      if (index === 0) return element('th', { scope: 'row' }, text(each))
      return element('td', { class: classOf(isNumber) }, text(each))
    })
    return element('tr', {}, ...cells)
  })
  const table = element(
    'table',
    {},
    element('thead', {}, element('tr', {}, ...heads)),
    element('tbody', {}, ...rows),
  )
  const label = { tabindex: '0', role: 'region', 'aria-label': 'The plan' }
  return element('div', { class: 'scroll', ...label }, table)
}

/**
 * Partitions that are not in it, or were not set.
 *
 * @param {readonly Left[]} left
 */
export function leftText(left) {
  return left.map((each) => `${each.topic}/${each.partition}: ${each.reason}`).join('; ')
}

/** @param {true | undefined} isNumber */
const classOf = (isNumber) => (isNumber ? 'n' : '')
