import assert from 'node:assert/strict'
import test from 'node:test'
import { noticeOf, type WebhookMessage } from '../../../../src/sink/webhook/messages.ts'
import { templateOf } from '../../../../src/sink/webhook/templates/index.ts'

const AT = 1_700_000_000
const ANSWER = { status: 429, headers: {}, text: '' }

function messageOf(value: unknown): WebhookMessage {
  const item = { id: 'id', handler: 'whale', key: null, form: 'json' as const }
  return { id: 'msg_1', item, value: Buffer.from(JSON.stringify(value)), isReplay: false }
}

function bodyOf(name: string, value: unknown, chat?: string) {
  return templateOf(name)?.bodyOf(noticeOf(messageOf(value), AT), { chat }, 'the-token')
}

test('Slack: text, in which nothing is a link or a mention', () => {
  assert.deepEqual(bodyOf('slack', { message: '<!channel> A&B' }), {
    text: '&lt;!channel&gt; A&amp;B',
  })
  assert.equal(templateOf('slack')?.perSecond({}), 1)
})

test('Discord: content that mentions nobody, of 2000 characters at most', () => {
  assert.deepEqual(bodyOf('discord', { message: '@everyone' }), {
    content: '@everyone',
    allowed_mentions: { parse: [] },
  })
  const long = bodyOf('discord', { message: 'x'.repeat(3_000) })
  assert.equal(String(Reflect.get(Object(long), 'content')).length, 2_000)
})

test('Discord: when nothing remains in its window, the next request waits for its end', () => {
  const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset-after': '1.5' }
  const waitOf = templateOf('discord')?.waitOf
  assert.equal(waitOf?.({ status: 204, headers, text: '' }), 1_500)
  const remaining = { ...headers, 'x-ratelimit-remaining': '2' }
  assert.equal(waitOf?.({ status: 204, headers: remaining, text: '' }), null)
})

test('Telegram: sendMessage of the bot, plain text, slower in groups, and its own retry_after', () => {
  const telegram = templateOf('telegram')
  assert.equal(
    telegram?.url?.(undefined, '123:abc'),
    'https://api.telegram.org/bot123:abc/sendMessage',
  )
  assert.deepEqual(bodyOf('telegram', { message: '<b>100</b>' }, '42'), {
    chat_id: '42',
    text: '<b>100</b>',
    link_preview_options: { is_disabled: true },
  })
  assert.equal(telegram?.perSecond({ chat: '42' }), 1)
  assert.equal(telegram?.perSecond({ chat: '-42' }), 20 / 60)
  const text =
    '{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":7}}'
  assert.equal(telegram?.waitOf?.({ ...ANSWER, text }), 7_000)
})

test('PagerDuty: a trigger of Events API v2, and the resolve with the same dedup_key', () => {
  const value = { incident: 'whale/solana/1', state: 'firing', message: '100 USDC', amount: '1' }
  assert.deepEqual(bodyOf('pagerduty', value), {
    routing_key: 'the-token',
    event_action: 'trigger',
    dedup_key: 'whale/solana/1',
    payload: {
      summary: '100 USDC',
      source: 'onchain-consumer',
      severity: 'error',
      timestamp: '2023-11-14T22:13:20.000Z',
      custom_details: value,
    },
  })
  assert.deepEqual(bodyOf('pagerduty', { ...value, state: 'resolved' }), {
    routing_key: 'the-token',
    event_action: 'resolve',
    dedup_key: 'whale/solana/1',
  })
})

test('a value says its message, its text, itself, or its JSON', () => {
  const textOf = (value: unknown) => noticeOf(messageOf(value), AT).text
  assert.equal(textOf({ message: 'm', text: 't' }), 'm')
  assert.equal(textOf({ text: 't' }), 't')
  assert.equal(textOf('itself'), 'itself')
  assert.equal(textOf({ amount: '1' }), '{"amount":"1"}')
})
