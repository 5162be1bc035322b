import { act } from './act.js'
import { ask } from './dialog.js'
import { element, field, select } from './element.js'
import { targetName, targetOf } from './names.js'
import { done } from './say.js'

/** @typedef {import('./names.js').Target} Target */

const ENDS = /** @type {const} */ ([
  ['30m', 'for 30 minutes'],
  ['1h', 'for an hour'],
  ['', 'until somebody resumes it'],
])

/**
 * Pauses a partition or its topic. From a button that names nothing: any topic or handler.
 *
 * @param {DOMStringMap} data
 */
export async function pause(data) {
  const targets = data['topic'] === undefined ? await allTargets() : ofPartition(targetOf(data))
  if (targets.length === 0) return
  const what = select(
    'target',
    targets.map((each) => [JSON.stringify(each), targetName(each)]),
  )
  const isDone = await ask({
    title: 'Pause',
    content: [
      element('p', {}, 'Holds in all pods of the group. Records in flight are finished.'),
      field('What', what),
      field('How long', select('for', ENDS)),
      reasonField(),
    ],
    confirm: 'Pause',
    async work(fields) {
      const target = JSON.parse(String(fields.get('target')))
      const end = String(fields.get('for'))
      const order = { ...target, ...(end !== '' && { for: end }), ...reasonOf(fields) }
      const { ok } = await act('POST', '/api/v1/pause', order)
      return ok
    },
  })
  if (isDone) done('Paused. All pods of the group follow within some seconds.')
}

/** @param {DOMStringMap} data of a button that names what is paused */
export async function resume(data) {
  const target = targetOf(data)
  const isDone = await ask({
    title: `Resume ${targetName(target)}`,
    content: [element('p', {}, 'All pods of the group consume it again.'), reasonField()],
    confirm: 'Resume',
    async work(fields) {
      const { ok } = await act('POST', '/api/v1/resume', { ...target, ...reasonOf(fields) })
      return ok
    },
  })
  if (isDone) done(`Resumed ${targetName(target)}.`)
}

/** @param {Target} target @returns {Target[]} */
function ofPartition({ topic = '', partition }) {
  return partition === undefined ? [{ topic }] : [{ topic, partition }, { topic }]
}

/** @returns {Promise<Target[]>} empty: it has said why */
async function allTargets() {
  const { ok, body } = await act('GET', '/api/v1/status')
  if (!ok) return []
  /** @type {string[]} */
  const topics = body.partitions.map((/** @type {{ topic: string }} */ { topic }) => topic)
  /** @type {string[]} */
  const handlers = body.handlers.map((/** @type {{ name: string }} */ { name }) => name)
  return [
    ...[...new Set(topics)].map((topic) => ({ topic })),
    ...handlers.map((handler) => ({ handler })),
  ]
}

function reasonField() {
  const input = element('input', { name: 'reason', maxlength: '200', autocomplete: 'off' })
  return field(
    'Why',
    input,
    'For the log and the status. Everybody who reaches the pod can read it.',
  )
}

/** @param {FormData} fields */
function reasonOf(fields) {
  const reason = String(fields.get('reason')).trim()
  return reason === '' ? {} : { reason }
}
