/** What an alert is about: an event, several within a time, or the service itself. */
export const alertKinds = [
  ...(['event', 'count', 'sum', 'failedShare'] as const),
  ...(['silence', 'lag', 'headroom', 'deadLetters'] as const),
] as const

export type AlertKind = (typeof alertKinds)[number]

const SINK = 'alert:'

/** Where the handler of a rule emits to: no sink of a user has such a name. */
export function alertSink(rule: string): string {
  return `${SINK}${rule}`
}

/** The rule whose handler emits there; null: it is a sink of the configuration. */
export function ruleOfSink(sink: string): string | null {
  return sink.startsWith(SINK) ? sink.slice(SINK.length) : null
}

const OF_EVENTS = [
  ...['rule', 'key', 'amount', 'asset', 'from', 'to', 'id', 'chain', 'kind', 'time', 'block'],
  ...['topic', 'partition', 'offset'],
]
const OF_THE_SERVICE = ['rule', 'topic', 'value', 'limit']

/** The names that a message may have between {{ and }}. */
export const alertPlaceholders: Readonly<Record<AlertKind, readonly string[]>> = {
  event: OF_EVENTS,
  count: [...OF_EVENTS, 'count', 'within'],
  sum: [...OF_EVENTS, 'sum', 'count', 'within'],
  failedShare: [...OF_EVENTS, 'share', 'count', 'within'],
  silence: OF_THE_SERVICE,
  lag: OF_THE_SERVICE,
  headroom: OF_THE_SERVICE,
  deadLetters: OF_THE_SERVICE,
}

/** The messages of rules that have none of their own. */
export const alertMessages: Readonly<Record<AlertKind, string>> = {
  event: '{{rule}}: {{amount}} {{asset}} from {{from}} to {{to}} ({{id}})',
  count: '{{rule}}: {{count}} events of {{key}} within {{within}}',
  sum: '{{rule}}: {{sum}} {{asset}} of {{key}} within {{within}}',
  failedShare: '{{rule}}: {{share}} of {{count}} events failed within {{within}}',
  silence: '{{rule}}: {{topic}} has had no new record for {{value}}',
  lag: '{{rule}}: {{value}} records of {{topic}} are not handled yet',
  headroom: '{{rule}}: retention deletes unread records of {{topic}} in {{value}}',
  deadLetters: '{{rule}}: {{value}} new dead letters in this pod',
}

const PLACEHOLDER = /\{\{\s*([^{}]*?)\s*\}\}/g

/** The names between {{ and }}, as written. */
export function placeholdersIn(message: string): readonly string[] {
  return Array.from(message.matchAll(PLACEHOLDER), ([, name = '']) => name)
}

/** The message with its placeholders filled in; one without a value is `-`. */
export function filledIn(message: string, values: Readonly<Record<string, string>>): string {
  return message.replaceAll(PLACEHOLDER, (_, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? '-') : '-',
  )
}
