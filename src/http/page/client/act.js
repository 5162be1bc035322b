import { request } from './request.js'
import { say } from './say.js'
import { askToken, forgetToken, heldToken } from './token.js'

/** @typedef {import('./request.js').Answer} Answer */

/** @type {Answer} */
const NOT_ASKED = { ok: false, status: 0, body: null, problem: '' }

/**
 * Asks the API for something, with the token that this page holds; without one it asks for that first.
 * It has said what is wrong when it returns, so the caller only looks at `ok`.
 *
 * @param {string} method
 * @param {string} path below `/api/v1/`
 * @param {unknown} [body] as JSON
 * @returns {Promise<Answer>}
 */
export async function act(method, path, body) {
  const token = heldToken() || (await askToken())
  if (token === '') return NOT_ASKED
  const answer = await request(token, method, path, body)
  // It was rotated: the next action asks for the new one.
  if (answer.status === 401) forgetToken()
  if (!answer.ok) say(answer.problem, 'problem')
  return answer
}
