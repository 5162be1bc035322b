import type { Clock } from '../../kernel/time/clock.ts'
import type { ClusterEvent, EventRecorder, RecordedEvent } from '../events/recorder.ts'

/** A state that lasts and deserves an Event when it begins. */
export interface Condition extends ClusterEvent {
  /** Unique among the conditions reported together: `certificate client CN=x`. */
  readonly key: string
}

export interface Conditions {
  /**
   * Takes the conditions that hold now. Records new or changed ones, repeats lasting ones and
   * forgets those that ended. Rejects if an Event is refused; the next call tries that Event again.
   */
  report(now: readonly Condition[]): Promise<void>
}

/** Milliseconds between repetitions of a lasting Event: Kubernetes deletes it after 1 h. */
const REPEAT = 10 * 60_000
/** Minimum milliseconds between Events for a text that keeps changing. */
const CHANGE = 60_000

/** Writes one Event per change instead of one per look. */
export function createConditions(recorder: EventRecorder, clock: Clock): Conditions {
  const known = new Map<string, { recorded: RecordedEvent; at: number }>()

  async function say(condition: Condition): Promise<void> {
    const { key, ...event } = condition
    const before = known.get(key)
    const age = before === undefined ? 0 : clock.monotonic() - before.at
    const isSame = before !== undefined && sense(before.recorded.event) === sense(event)
    if (before !== undefined && age < (isSame ? REPEAT : CHANGE)) return
    const recorded =
      before !== undefined && isSame
        ? await recorder.repeat(before.recorded)
        : await recorder.record(event)
    known.set(key, { recorded, at: clock.monotonic() })
  }

  return {
    async report(now) {
      for (const key of known.keys()) {
        if (!now.some((condition) => condition.key === key)) known.delete(key)
      }
      let refused: unknown
      for (const condition of now) {
        await say(condition).catch((error) => {
          refused ??= error
        })
      }
      if (refused !== undefined) throw refused
    },
  }
}

/** The meaning of an Event, independent of the numbers in it. */
function sense({ reason, note, regarding }: ClusterEvent): string {
  return `${reason} ${regarding.uid} ${note.replaceAll(/\d+/g, '#')}`
}
