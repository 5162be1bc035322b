import { ask } from './dialog.js'
import { element, field } from './element.js'
import { request } from './request.js'
import { say } from './say.js'

/** Only here: it is gone with the page. Empty: there is none. */
let token = ''

/** @returns {string} empty: there is none */
export function heldToken() {
  return token
}

/**
 * Asks for the token, and tries it.
 *
 * @returns {Promise<string>} empty: nobody gave one
 */
export async function askToken() {
  const input = element('input', {
    ...{ name: 'token', type: 'password', required: true, autocomplete: 'off' },
    ...{ spellcheck: 'false', maxlength: '512' },
  })
  await ask({
    title: 'Token of an operator',
    content: [
      field('Token', input, 'Of admin.tokenFile. This page keeps it in memory until it is left.'),
    ],
    confirm: 'Use it',
    async work(fields) {
      const given = String(fields.get('token')).trim()
      if (!/^[!-~]+$/.test(given)) {
        say('That is no token: it has a space, a line break or a special character.', 'problem')
        return false
      }
      const { ok, problem } = await request(given, 'GET', '/api/v1/state', undefined)
      if (ok) hold(given)
      else say(problem, 'problem')
      return ok
    },
  })
  return token
}

export function forgetToken() {
  hold('')
  // What shows something because of it shows that no more.
  document.dispatchEvent(new Event('forgotten'))
  say('The token is forgotten.')
}

/** @param {string} given */
function hold(given) {
  token = given
  const { classList } = document.documentElement
  classList.toggle('operating', token !== '')
  classList.toggle('acting', token === '')
}
