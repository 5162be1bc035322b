import { act } from './act.js'
import { ask } from './dialog.js'
import { element, field, select } from './element.js'
import { formatCount, records, targetName, targetOf } from './names.js'
import { leftText, planTable } from './plan.js'
import { done, say } from './say.js'

/** @typedef {import('./plan.js').Planned} Planned */
/** @typedef {import('./plan.js').Left} Left */

/**
 * @typedef {object} Plan
 * @property {string} group
 * @property {readonly Planned[]} partitions those that would change
 * @property {readonly Left[]} left
 */

/** Where to: the kind, its name, and an example of its value; null: it has none. */
const PLACES = /** @type {const} */ ([
  ['ago', 'a time ago', '2h, 30m or 90s'],
  ['moment', 'a moment', '2026-01-31T12:00:00Z, with its zone'],
  ['back', 'some records back', '500'],
  ['offset', 'an offset', '1000'],
  ['BEGINNING', 'the first record that is kept', null],
  ['END', 'the end: nothing of what waits', null],
])

/** What brings back the last change of this page; null: there is none. */
/** @type {{ readonly group: string, readonly offsets: ReadonlyArray<object> } | null} */
let undoOf = null

/**
 * Sets the offset of a partition, or of its topic: asks where to, shows what that would do, and applies
 * exactly what was shown.
 *
 * @param {DOMStringMap} data of the button
 */
export async function rewind(data) {
  const { topic = '', partition = 0 } = targetOf(data)
  const which = select('which', [
    ['one', targetName({ topic, partition })],
    ['all', `all partitions of ${topic}`],
  ])
  const places = PLACES.map(([kind, name]) => /** @type {const} */ ([kind, name]))
  const where = select('where', places)
  const value = element('input', { name: 'value', required: true, autocomplete: 'off' })
  const example = element('small')
  const valueField = field('Value', value)
  valueField.append(example)
  const fit = () => {
    const hint = PLACES.find(([kind]) => kind === where.value)?.[2] ?? null
    valueField.hidden = hint === null
    value.disabled = hint === null
    example.textContent = `Such as ${hint}.`
  }
  where.addEventListener('change', fit)
  fit()
  /** @type {{ readonly plan: Plan, readonly deduplicate: boolean } | null} */
  let made = null
  await ask({
    title: 'Set offsets',
    content: [
      field('Which', which),
      field('To', where),
      valueField,
      checkbox('deduplicate', 'Leave out what is known to be a duplicate'),
    ],
    confirm: 'Show the plan',
    async work(fields) {
      const isAll = fields.get('which') === 'all'
      const plan = await planFor({
        ...groupOf(data),
        topics: [topic],
        ...(isAll ? { allPartitions: true } : { partitions: [partition] }),
        to: placeOf(fields),
      })
      if (plan !== null) made = { plan, deduplicate: fields.get('deduplicate') !== null }
      return plan !== null
    },
  })
  await confirmed(made)
}

/**
 * Ends a replay: the partition goes on where it was when it began.
 *
 * @param {DOMStringMap} data of the button
 */
export async function cancelReplay(data) {
  const { topic = '', partition = 0 } = targetOf(data)
  const body = { ...groupOf(data), topics: [topic], partitions: [partition], to: 'before-replay' }
  const plan = await planFor(body)
  await confirmed(plan === null ? null : { plan, deduplicate: false })
}

/** Brings back the offsets of before the last change. */
export async function undo() {
  if (undoOf === null) return
  const plan = await planFor(undoOf)
  await confirmed(plan === null ? null : { plan, deduplicate: false })
}

/**
 * @param {object} body of the request
 * @returns {Promise<Plan | null>} null: it has said why
 */
async function planFor(body) {
  const { ok, body: plan } = await act('PUT', '/api/v1/offsets', body)
  if (!ok) return null
  /** @type {readonly Planned[]} */
  const partitions = plan.partitions
  const changes = partitions.filter(({ committed, offset }) => committed !== offset)
  if (changes.length > 0) return { group: plan.group, partitions: changes, left: plan.left }
  const left = leftText(plan.left)
  say(`Nothing would change.${left === '' ? '' : ` ${left}`}`, 'problem')
  return null
}

/** @param {{ readonly plan: Plan, readonly deduplicate: boolean } | null} made */
async function confirmed(made) {
  if (made === null) return
  const { plan, deduplicate } = made
  const { group, partitions, left } = plan
  const skipped = partitions.reduce((sum, { skip }) => sum + skip, 0)
  const replayed = partitions.reduce((sum, { replay }) => sum + replay, 0)
  const deleted = partitions.some(({ deleted: some }) => some !== 0)
  const notes = [
    `${records(replayed)} handled once more.`,
    ...(deleted
      ? ['Retention has deleted some of what was wanted: the first record left is taken.']
      : []),
    ...(left.length === 0 ? [] : [`Left as they are: ${leftText(left)}`]),
  ]
  /** @type {any} */
  let answer = null
  await ask({
    title: `The plan for the group ${group}`,
    content: [
      planTable(partitions),
      element('p', { class: 'notes-of-plan' }, notes.join(' ')),
      ...(skipped === 0
        ? []
        : [checkbox('allowSkip', `Pass by ${records(skipped)} that nobody has handled`, true)]),
    ],
    confirm:
      partitions.length === 1 ? 'Set the offset' : `Set ${formatCount(partitions.length)} offsets`,
    isDanger: skipped > 0,
    isWide: true,
    async work() {
      const moves = partitions.map(({ topic, partition, offset, committed, move }) => {
        return { topic, partition, offset, committed, move }
      })
      const order = { group, plan: moves, allowSkip: skipped > 0, deduplicate }
      const { ok, body } = await act('PUT', '/api/v1/offsets', order)
      answer = body
      return ok
    },
  })
  if (answer?.applied !== undefined) applied(answer)
}

/**
 * @param {{ group: string, applied: readonly object[], refused: readonly Left[],
 *   undo: { partitions: readonly object[] } }} answer
 */
function applied({ group, applied: set, refused, undo: before }) {
  const offsets = before.partitions
  undoOf = offsets.length === 0 ? null : { group, offsets }
  document.documentElement.classList.toggle('undoable', undoOf !== null)
  done(set.length === 1 ? 'The offset is set.' : `${formatCount(set.length)} offsets are set.`)
  if (refused.length > 0) say(`Not set: ${leftText(refused)}`, 'problem')
}

/** @param {FormData} fields */
function placeOf(fields) {
  const kind = String(fields.get('where'))
  const value = String(fields.get('value') ?? kind).trim()
  return kind === 'back' ? `-${value}` : value
}

/** @param {DOMStringMap} data */
function groupOf({ group }) {
  return group === undefined ? {} : { group }
}

/** @param {string} name @param {string} text */
function checkbox(name, text, required = false) {
  const input = element('input', { type: 'checkbox', name, required })
  return element('label', { class: 'check' }, input, ` ${text}`)
}
