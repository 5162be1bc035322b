import type { AlertKind } from '../../kernel/alerts.ts'

/** A rule of `alerts`. Durations are in milliseconds. */
export interface AlertRule {
  readonly name: string
  readonly kind: AlertKind
  readonly message: string
  /** After an alert, those of the same key are held back for so long; 0: none is. */
  readonly cooldown: number
}

/** A rule about events. */
export interface EventRule extends AlertRule {
  /** Whose events belong together. */
  readonly per: 'rule' | 'from' | 'to' | 'asset'
  /** Records that are older say nothing. */
  readonly maxAge: number
  /** Null: each event is an alert. */
  readonly window: WindowRule | null
}

export interface WindowRule {
  readonly within: number
  /** Events. */
  readonly count?: number | undefined
  /** In units of the asset. */
  readonly sum?: string | undefined
  /** More than this share failed, of so many events at least. */
  readonly share?: { readonly above: number; readonly least: number } | undefined
}

/** An event of a rule, as a handler without code emits it. */
export interface AlertEvent {
  /** Unique over all chains. */
  readonly id: string
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Of the record, milliseconds since the epoch. */
  readonly timestamp: number
  /** Of the event, else of the record. */
  readonly time: number
  readonly chain: string
  readonly kind: string
  readonly from: string | null
  readonly to: string | null
  readonly asset: AlertAsset | null
  /** In smallest units. */
  readonly amount: bigint | null
  readonly success: boolean
  readonly block: string | null
}

export interface AlertAsset {
  readonly address: string
  readonly symbol: string
  readonly decimals: number | null
}

/** What a sink gets. */
export interface Alert {
  readonly rule: string
  /** `digest`: what was held back, together. */
  readonly state: 'firing' | 'digest' | 'resolved'
  /** What it concerns: an alert and its end have the same. */
  readonly incident: string
  readonly key: string
  readonly message: string
  readonly time: string
  /** Number of alerts that were held back. */
  readonly held?: number
  /** The event that made it, with amounts as text. */
  readonly event?: object
}

/** Resolves when the sink of the rule has taken it. @param id the same for the same alert */
export type SendAlert = (id: string, alert: Alert) => Promise<void>

/** What is counted of a rule. */
export interface AlertMeter {
  sent: number
  held: number
  old: number
}
