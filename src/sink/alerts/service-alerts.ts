import { filledIn } from '../../kernel/alerts.ts'
import type { Clock } from '../../kernel/time/clock.ts'
import type { AlertMeter, AlertRule, SendAlert } from './types.ts'

/** What a rule finds at one look. */
export interface Observation {
  /** A topic, or a pod. */
  readonly subject: string
  /** Whom it concerns, for its incident: the group, or only this pod. */
  readonly scope: string
  readonly isBad: boolean
  /** For the message. */
  readonly value: string
  readonly limit: string
}

/** A rule about the service at work: says that something is bad, and when it is good again. */
export interface ServiceAlerts {
  /**
   * Takes what is seen now. What is not in the list any more is not seen by this pod. Rejects with
   * the error of the sink; the next look tries again.
   */
  look(observations: readonly Observation[]): Promise<void>
}

interface Incident {
  /** Milliseconds since the epoch; part of the ids, so that a second time is not a repeat. */
  readonly since: number
  isSaid: boolean
  /** What the sink did not take; null: nothing, or it is held back. */
  refused: Observation | null
}

export function createServiceAlerts(
  rule: AlertRule,
  send: SendAlert,
  { clock, meter }: { readonly clock: Clock; readonly meter: AlertMeter },
): ServiceAlerts {
  const incidents = new Map<string, Incident>()
  /** When it was said last, monotonic. */
  const saidAt = new Map<string, number>()

  async function say(
    state: 'firing' | 'resolved',
    since: number,
    { subject, scope, value, limit }: Observation,
  ): Promise<void> {
    const key = [subject, scope].filter((part) => part !== '').join('/')
    const words = { rule: rule.name, topic: subject, value, limit }
    const text = filledIn(rule.message, words)
    await send(`${rule.name}/${key}/${since}/${state}`, {
      ...{ rule: rule.name, state, incident: `${rule.name}/${key}`, key },
      message: state === 'firing' ? text : `Resolved: ${rule.name} (${subject})`,
      time: new Date(clock.now()).toISOString(),
    })
    meter.sent += 1
  }

  async function bad(seen: Observation): Promise<void> {
    const known = incidents.get(seen.subject)
    const incident = known ?? { since: clock.now(), isSaid: false, refused: null }
    incidents.set(seen.subject, incident)
    if (incident.isSaid) return
    const last = saidAt.get(seen.subject) ?? Number.NEGATIVE_INFINITY
    if (clock.monotonic() - last < rule.cooldown) return
    await sayFiring(incident, seen)
  }

  async function sayFiring(incident: Incident, seen: Observation): Promise<void> {
    incident.refused = seen
    await say('firing', incident.since, seen)
    incident.refused = null
    incident.isSaid = true
    saidAt.set(seen.subject, clock.monotonic())
  }

  async function good(seen: Observation): Promise<void> {
    const incident = incidents.get(seen.subject)
    if (incident === undefined) return
    if (incident.refused !== null) await sayFiring(incident, incident.refused)
    if (incident.isSaid) await say('resolved', incident.since, seen)
    else meter.held += 1
    incidents.delete(seen.subject)
  }

  return {
    async look(observations) {
      for (const subject of incidents.keys()) {
        if (!observations.some((seen) => seen.subject === subject)) incidents.delete(subject)
      }
      for (const seen of observations) await (seen.isBad ? bad(seen) : good(seen))
    },
  }
}
