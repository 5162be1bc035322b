// A handler that computes: so many rounds of SHA-256 for each message, whatever the time they take.
import { defineHandler } from 'onchain-consumer'
import { hash } from './hash.ts'

export default defineHandler({
  name: 'hashing',
  handle({ record }, { options }) {
    hash(Number(options['rounds']), String(record.offset))
  },
})
