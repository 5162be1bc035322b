/** What is said of one key, and what is not said for a while. */
export interface HeldBack {
  /**
   * Sends, or holds it back. Resolves to what became of it; rejects with the error of `send`, and
   * whoever waited for the same key with it.
   * @param now monotonic, milliseconds
   */
  offer(key: string, id: string, now: number, send: () => Promise<void>): Promise<'sent' | 'held'>
  /**
   * The keys whose time is over, with how many were held back; those without any are forgotten.
   * They are due again until `said`. @param now Infinity: all
   */
  due(now: number): ReadonlyArray<{ readonly key: string; readonly held: number }>
  /** What was due of the key is said; its time begins again. */
  said(key: string, now: number): void
}

interface State {
  /** The alert that was sent last: if its record comes again, it is not another one. */
  last: string
  until: number
  sending: Promise<void> | null
  readonly held: Set<string>
  /** Those that are due, and those beyond what `held` remembers. */
  counted: number
}

/** Keys with a cooldown at a time. Beyond it nothing is held back. */
const MAX_KEYS = 10_000
const MAX_IDS = 1_000

/** @param cooldown milliseconds; 0: nothing is held back */
export function createHeldBack(cooldown: number): HeldBack {
  const states = new Map<string, State>()

  function stateOf(key: string): State | null {
    const known = states.get(key)
    if (known !== undefined) return known
    if (cooldown === 0 || states.size >= MAX_KEYS) return null
    const state: State = { last: '', until: 0, sending: null, held: new Set(), counted: 0 }
    states.set(key, state)
    return state
  }

  function hold(state: State, id: string): 'sent' | 'held' {
    if (state.last === id) return 'sent'
    if (state.held.size < MAX_IDS) state.held.add(id)
    else if (!state.held.has(id)) state.counted += 1
    return 'held'
  }

  return {
    async offer(key, id, now, send) {
      const state = stateOf(key)
      if (state === null) {
        await send()
        return 'sent'
      }
      // If it fails, it fails for all that wait for it: each would meet the same.
      while (state.sending !== null) await state.sending
      if (state.until > now) return hold(state, id)
      const sending = send()
      state.sending = sending
      try {
        await sending
      } finally {
        state.sending = null
      }
      state.last = id
      state.until = now + cooldown
      return 'sent'
    },
    due(now) {
      const found: { key: string; held: number }[] = []
      for (const [key, state] of states) {
        if (state.until > now || state.sending !== null) continue
        state.counted += state.held.size
        state.held.clear()
        if (state.counted > 0) found.push({ key, held: state.counted })
        else states.delete(key)
      }
      return found
    },
    said(key, now) {
      const state = states.get(key)
      if (state === undefined) return
      state.counted = 0
      state.until = Math.max(state.until, now + cooldown)
    },
  }
}
