import { atMost, type Template } from './template.ts'

/** https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
export const slack: Template = {
  name: 'slack',
  // https://docs.slack.dev/apis/web-api/rate-limits: one message a second for each webhook.
  perSecond: () => 1,
  // Escaped, so that the symbol of a token cannot be a link or call the whole channel.
  bodyOf: ({ text }) => ({ text: escaped(atMost(4_000, text)) }),
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
