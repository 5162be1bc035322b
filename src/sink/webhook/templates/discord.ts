import { atMost, milliseconds, type Template } from './template.ts'

/** https://discord.com/developers/docs/resources/webhook#execute-webhook */
export const discord: Template = {
  name: 'discord',
  // Five requests in two seconds for each webhook.
  perSecond: () => 2.5,
  // The symbol of a token may be @everyone.
  bodyOf: ({ text }) => ({ content: atMost(2_000, text), allowed_mentions: { parse: [] } }),
  // https://discord.com/developers/docs/topics/rate-limits
  waitOf: ({ headers }) =>
    headers['x-ratelimit-remaining'] === '0'
      ? milliseconds(headers['x-ratelimit-reset-after'])
      : null,
}
