/** @typedef {{ readonly topic?: string, readonly partition?: number, readonly handler?: string }} Target */

/**
 * @param {Target} target
 * @returns {string} as the log and `status` name it
 */
export function targetName({ topic, partition, handler }) {
  if (handler !== undefined) return `the handler ${handler}`
  return partition === undefined ? `the topic ${topic}` : `partition ${partition} of ${topic}`
}

/**
 * Of the attributes of a button.
 *
 * @param {DOMStringMap} data
 * @returns {Target}
 */
export function targetOf({ topic, partition, handler }) {
  if (handler !== undefined) return { handler }
  return { topic: topic ?? '', ...(partition !== undefined && { partition: Number(partition) }) }
}

/** @param {number} count */
export function records(count) {
  return `${formatCount(count)} ${count === 1 ? 'record' : 'records'}`
}

/** @param {number | null} count */
export function formatCount(count) {
  return count === null ? '' : count.toLocaleString('en-US')
}

/** @param {number | string | null} time milliseconds since the epoch, or ISO 8601 */
export function moment(time) {
  if (time === null) return ''
  return `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

/** @param {number | null} seconds null: not known */
export function formatSeconds(seconds) {
  if (seconds === null) return ''
  if (seconds < 90) return `${Math.ceil(seconds)} s`
  const minutes = Math.ceil(seconds / 60)
  return minutes < 90 ? `${minutes} min` : `${Math.ceil(minutes / 60)} h`
}
