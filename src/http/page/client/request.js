/**
 * @typedef {object} Answer
 * @property {boolean} ok
 * @property {number} status 0: there was no answer
 * @property {any} body of JSON; null: none
 * @property {string} problem what is wrong, for people; empty: nothing
 */

/** Milliseconds. A change of offsets waits for a rebalance. */
const PATIENCE = 60_000

/**
 * One request to this pod's API. What makes it safe from other origins: the token is in a header that
 * only a script of this page can set, and nothing is sent by itself.
 *
 * @param {string} token
 * @param {string} method
 * @param {string} path below `/api/v1/`
 * @param {unknown} body as JSON; undefined: none
 * @returns {Promise<Answer>} never rejects
 */
export async function request(token, method, path, body) {
  const headers = { accept: 'application/json', authorization: `Bearer ${token}` }
  const content =
    body === undefined
      ? { headers }
      : { headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) }
  try {
    const response = await fetch(path, {
      ...content,
      method,
      credentials: 'omit',
      redirect: 'error',
      signal: AbortSignal.timeout(PATIENCE),
    })
    const { ok, status } = response
    const answer = await response.json().catch(() => null)
    return { ok, status, body: answer, problem: ok ? '' : problemOf(status, answer) }
  } catch {
    const done = method === 'GET' ? '' : ' It is not known whether it was done.'
    return { ok: false, status: 0, body: null, problem: `The pod does not answer.${done}` }
  }
}

/**
 * Of a problem document (RFC 9457).
 *
 * @param {number} status
 * @param {any} body
 */
function problemOf(status, body) {
  const title = body?.title ?? `Status ${status}`
  return body?.detail === undefined ? title : `${title}: ${body.detail}`
}
