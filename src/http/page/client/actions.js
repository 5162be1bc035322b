import { cancelLetters, dropLetters, redriveLetters } from './letter-orders.js'
import { showLetters } from './letters.js'
import { pause, resume } from './pause.js'
import { showPauses } from './pauses.js'
import { cancelReplay, rewind, undo } from './rewind.js'
import { askToken, forgetToken } from './token.js'

/**
 * What a button does, by its `data-act`. @type {Readonly<Record<string, (of: DOMStringMap) => unknown>>}
 */
const ACTIONS = {
  operate: askToken,
  forget: forgetToken,
  letters: showLetters,
  'redrive-letters': redriveLetters,
  'drop-letters': dropLetters,
  'cancel-letters': cancelLetters,
  pauses: showPauses,
  pause,
  resume,
  rewind,
  cancel: cancelReplay,
  undo,
}

// One listener: the page replaces its parts while it is live.
document.addEventListener('click', ({ target }) => {
  const button = target instanceof Element ? target.closest('button[data-act]') : null
  if (button instanceof HTMLElement) ACTIONS[button.dataset['act'] ?? '']?.(button.dataset)
})
document.documentElement.classList.add('acting')
