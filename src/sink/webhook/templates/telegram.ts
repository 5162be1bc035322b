import { atMost, fieldOf, milliseconds, type Template } from './template.ts'

/** https://core.telegram.org/bots/api#sendmessage: plain text, so nothing in it is markup. */
export const telegram: Template = {
  name: 'telegram',
  // https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this: one message a
  // second in a chat, 20 a minute in a group. Groups have negative ids, channels have names.
  perSecond: ({ chat = '' }) => (/^[-@]/.test(chat) ? 20 / 60 : 1),
  url: (given = 'https://api.telegram.org', token) =>
    `${given.replace(/\/$/, '')}/bot${token}/sendMessage`,
  bodyOf: ({ text }, { chat }) => ({
    chat_id: chat,
    text: atMost(4_096, text),
    link_preview_options: { is_disabled: true },
  }),
  waitOf: ({ status, text }) =>
    status === 429 ? milliseconds(fieldOf(text, 'parameters', 'retry_after')) : null,
}
