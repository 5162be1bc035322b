/** @param {number} number */
export function count(number) {
  return number.toLocaleString('en-US')
}

/** @param {number} letters */
export function numberOf(letters) {
  return `${count(letters)} ${letters === 1 ? 'dead letter' : 'dead letters'}`
}

/** @param {string} time ISO 8601 */
export function moment(time) {
  return `${time.slice(0, 19).replace('T', ' ')} UTC`
}

/** @param {number} seconds */
export function duration(seconds) {
  if (seconds < 90) return `${Math.ceil(seconds)} s`
  const minutes = Math.ceil(seconds / 60)
  return minutes < 90 ? `${minutes} min` : `${Math.ceil(minutes / 60)} h`
}
