import type { Clock } from '../../kernel/clock.ts'
import type { ClusterEvent, EventRecorder, RecordedEvent } from '../events/recorder.ts'

/** Something that holds for a while, and is worth an Event when it begins. */
export interface Condition extends ClusterEvent {
  /** Which one it is among those handed in together: `certificate client CN=x`. */
  readonly key: string
}

export interface Conditions {
  /**
   * What holds now. Records what is new or says something else than before, repeats what lasts, and
   * forgets what is over. Rejects when an Event is refused; that one is tried again at the next call.
   */
  report(now: readonly Condition[]): Promise<void>
}

/** An Event is repeated this often while it lasts, milliseconds: Kubernetes deletes it after 1 h. */
const REPEAT = 10 * 60_000
/** A text that changes again and again gets an Event at most this often, milliseconds. */
const CHANGE = 60_000

/** One Event for each change, rather than one for each look. */
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

/** What an Event says, whatever the numbers in it are just now. */
function sense({ reason, note, regarding }: ClusterEvent): string {
  return `${reason} ${regarding.uid} ${note.replaceAll(/\d+/g, '#')}`
}
