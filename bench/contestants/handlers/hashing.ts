// A handler that computes: this many rounds of SHA-256 for each message.
import { defineHandler } from 'onchain-consumer'
import { hash } from './hash.ts'

export default defineHandler({
  name: 'hashing',
  handle({ record }, { options }) {
    hash(Number(options['rounds']), String(record.offset))
  },
})
