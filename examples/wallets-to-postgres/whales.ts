// Posts large transfers to an incoming webhook of Slack, or of anything that takes {"text": "..."}.
import { readFile } from 'node:fs/promises'
import { type ChainEvent, defineHandler, formatUnits } from 'onchain-consumer'

let url: URL

export default defineHandler({
  name: 'whales',

  async open({ options }) {
    // The URL is a secret: whoever has it can post.
    const file = String(options['webhookUrlFile'])
    const text = (await readFile(file, 'utf8')).trim()
    if (!/^https?:\/\/./.test(text) || !URL.canParse(text)) {
      throw new Error(`${file} does not hold a URL, https://host/path`)
    }
    url = new URL(text)
  },

  // One post for each message: a retry does not repeat a part of it.
  async handle({ events }, { signal }) {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: events.map(lineOf).join('\n') }),
      signal,
    })
    await response.text()
    // The status decides what follows. 429: again, not before Retry-After. 5xx: again, with backoff.
    // 400: a dead letter.
    if (!response.ok) {
      throw Object.assign(new Error(`The webhook answered ${response.status}`), { response })
    }
  },
})

function lineOf({ id, from, to, asset, amount }: ChainEvent): string {
  const decimals = asset?.decimals ?? 0
  const units = amount === null ? '?' : formatUnits(amount, decimals)
  return `:whale: ${units} ${asset?.symbol || asset?.address} from ${from} to ${to} (${id})`
}
