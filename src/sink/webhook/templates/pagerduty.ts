import { atMost, type Template } from './template.ts'

/** https://developer.pagerduty.com/docs/events-api-v2-overview: a trigger, or its resolve. */
export const pagerduty: Template = {
  name: 'pagerduty',
  perSecond: () => 2,
  url: (given = 'https://events.pagerduty.com/v2/enqueue') => given,
  bodyOf: ({ text, key, isResolved, value, timestamp }, _, token) => ({
    routing_key: token,
    event_action: isResolved ? 'resolve' : 'trigger',
    dedup_key: atMost(255, key),
    ...(!isResolved && {
      payload: {
        summary: atMost(1_024, text),
        source: 'onchain-consumer',
        severity: 'error',
        timestamp: new Date(timestamp * 1000).toISOString(),
        custom_details: typeof value === 'object' && value !== null ? value : { value },
      },
    }),
  }),
}
