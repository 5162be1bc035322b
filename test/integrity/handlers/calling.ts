// Calls what the file `target` says, for each record: `ok` calls nothing, `bug` and `bigint` are mistakes
// of the handler itself, all else is an URL that is fetched. Writes a line for each call that ended, as
// planned.ts does, with its own name in the place of the key.
import { openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { defineHandler } from 'onchain-consumer'

const { ATTEMPTS_FILE = '' } = process.env
const file = openSync(ATTEMPTS_FILE, 'a')

async function call(target: string, signal: AbortSignal): Promise<void> {
  switch (target) {
    case 'ok':
      return
    case 'bug':
      return (undefined as unknown as { serve(): void }).serve()
    case 'bigint':
      return void JSON.stringify({ amount: 1n })
  }
  const response = await fetch(target, { signal })
  await response.arrayBuffer()
  if (response.ok) return
  throw Object.assign(new Error(`the API answered ${response.status}`), { response })
}

export default defineHandler({
  name: 'calling',

  async handle({ record: { headers, partition, offset } }, { attempt, signal, options }) {
    const { switches, name = '' } = options
    const began = process.hrtime.bigint() / 1000n
    function write(result: 'ok' | 'retry'): void {
      const fields = [headers?.['task-id'], name, partition, offset, attempt, result, began]
      writeSync(file, `${fields.join(',')},${process.hrtime.bigint() / 1000n}\n`)
    }
    try {
      await call(readFileSync(join(String(switches), 'target'), 'utf8'), signal)
    } catch (error) {
      write('retry')
      throw error
    }
    write('ok')
  },
})
