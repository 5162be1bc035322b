// Records each message it gets, one `partition offset` per line, so that the demo can count.
import { appendFileSync } from 'node:fs'
import { defineHandler } from 'onchain-consumer'

let file = ''

export default defineHandler({
  name: 'remember',

  open({ options }) {
    file = `${options['folder']}/handled-${process.pid}.txt`
  },

  handle({ record }) {
    appendFileSync(file, `${record.partition}/${record.offset}\n`)
  },
})
