import { act } from './act.js'
import { ask } from './dialog.js'
import { element, field } from './element.js'
import { count, numberOf } from './letter-names.js'
import { done, say } from './say.js'

/** Letters a second that are proposed. */
const RATE = '50'

/**
 * @typedef {object} Plan
 * @property {string} until
 * @property {number} wanted
 * @property {number} tooOften
 * @property {number} uncertain
 * @property {number} batches
 */

/**
 * Says what it would do, asks for a rate, and begins it.
 *
 * @param {DOMStringMap} data of the button
 */
export async function redriveLetters(data) {
  const plan = await planFor('redrive', data)
  if (plan === null) return
  const rate = element('input', {
    ...{ name: 'rate', type: 'number', value: RATE, min: '0.01', max: '1000000', step: 'any' },
  })
  await ask({
    title: `Redrive ${numberOf(plan.wanted)}`,
    content: [
      element('p', {}, `Sends each again to the topic it came from: ${nameOf(data)}.`),
      ...stays(plan),
      field('Letters a second', rate, 'Empty: as fast as the brokers take them.'),
    ],
    confirm: `Redrive ${count(plan.wanted)}`,
    work: (fields) => {
      const given = String(fields.get('rate')).trim()
      const limit = given === '' ? {} : { recordsPerSecond: Number(given) }
      return begin('redrive', data, { until: plan.until, ...limit })
    },
  })
}

/** @param {DOMStringMap} data of the button */
export async function dropLetters(data) {
  const plan = await planFor('drop', data)
  if (plan === null) return
  await ask({
    title: `Drop ${numberOf(plan.wanted)}`,
    content: [
      element(
        'p',
        {},
        `Deletes them for good: ${nameOf(data)}. Nobody will have handled their records.`,
      ),
    ],
    confirm: `Drop ${count(plan.wanted)}`,
    isDanger: true,
    work: () => begin('drop', data, { until: plan.until }),
  })
}

/** @param {DOMStringMap} data of the button */
export async function cancelLetters({ action = '' }) {
  const { ok } = await act('POST', `/api/v1/dead-letters/${action}/cancel`)
  if (ok) done('It ends after the letters that are being sent.')
}

/**
 * @param {'redrive' | 'drop'} action
 * @param {DOMStringMap} data
 * @returns {Promise<Plan | null>} null: it has said why
 */
async function planFor(action, data) {
  const { ok, body } = await act('POST', `/api/v1/dead-letters/${action}`, choiceOf(data))
  if (!ok) return null
  /** @type {Plan} */
  const plan = body.plan
  if (plan.wanted > 0) return plan
  const why = reasons(plan)
  say(`There is nothing to ${action}.${why === '' ? '' : ` ${why}`}`, 'problem')
  return null
}

/**
 * @param {'redrive' | 'drop'} action
 * @param {DOMStringMap} data
 * @param {object} order
 */
async function begin(action, data, order) {
  const body = { ...choiceOf(data), ...order, dryRun: false }
  const { ok } = await act('POST', `/api/v1/dead-letters/${action}`, body)
  // Whoever shows the letters looks at once.
  if (ok) document.dispatchEvent(new Event('letters-begun'))
  return ok
}

/** @param {DOMStringMap} data */
function choiceOf({ all, error, handler, topic }) {
  if (all !== undefined) return { all: true }
  return { errorType: error, handler: handler ?? null, topic }
}

/** @param {DOMStringMap} data */
function nameOf({ all, error, handler, topic }) {
  if (all !== undefined) return 'letters of all kinds'
  return `${error} of ${handler ?? 'no handler'} in ${topic}`
}

/** @param {Plan} plan */
function stays(plan) {
  const why = reasons(plan)
  return why === '' ? [] : [element('p', {}, why)]
}

/** Why letters stay. @param {Plan} plan */
function reasons({ tooOften, uncertain, batches }) {
  return [
    tooOften === 0 ? '' : `${count(tooOften)} stay: they were redriven three times already.`,
    uncertain === 0
      ? ''
      : `${count(uncertain)} stay: they may have been sent by a redrive that ended early; see dlq redrive --resend.`,
    batches === 0 ? '' : `${count(batches)} stay: they are damaged batches, not records.`,
  ]
    .filter((text) => text !== '')
    .join(' ')
}
