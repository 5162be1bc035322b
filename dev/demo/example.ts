import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { suggestion } from '../../src/cli/arguments.ts'
import { valueAt } from '../../src/config/load/layers.ts'
import { readYamlFile } from '../../src/config/load/yaml-file.ts'
import { CodedError } from '../../src/kernel/errors.ts'
import { createLogger } from '../../src/observe/log/logger.ts'
import { isChainTopic } from '../synthetic/chain-messages.ts'
import type { Stream } from '../synthetic/types.ts'

const EXAMPLES = join(import.meta.dirname, '../../examples')
/** Maximum lines per second: a demo is for reading. */
const MAX_LINES = 10

/** The configuration of the named example. */
export function exampleConfig(name: string): string {
  const file = join(EXAMPLES, name, 'config.yaml')
  if (existsSync(file)) return file
  const known = readdirSync(EXAMPLES).filter((one) =>
    existsSync(join(EXAMPLES, one, 'config.yaml')),
  )
  throw new CodedError('OCC_EXAMPLE', `There is no example "${name}"${meant(name, known)}`)
}

/** The stream that an example reads: one of Protocol Buffers by the topic that it names, or Solana's JSON. */
export function exampleStream(name: string | undefined): Stream {
  if (name === undefined) return 'solana'
  const { values } = readYamlFile(exampleConfig(name), '--example', false)
  const topics = valueAt(values, ['kafka', 'topics'])
  return (
    ([topics].flat().find((topic) => isChainTopic(String(topic))) as Stream | undefined) ?? 'solana'
  )
}

function meant(name: string, known: readonly string[]): string {
  return suggestion(name, known) || `: choose one of ${known.join(', ')}`
}

/** A log that shows errors and a sample of what handlers emit to a log sink. */
export function createExampleLog(write: (line: string) => void) {
  let second = 0
  let shown = 0
  let left = 0

  function show(line: { level: string; event: string; msg: string; [field: string]: unknown }) {
    if (line.event !== 'value.emitted') {
      // The poison that is part of the stream is counted at the end.
      const isPoison = line.event === 'record.failed'
      const isError = line.level === 'error' || line.level === 'fatal'
      if (isError && !isPoison) write(`${line.level}: ${line.msg}`)
      return
    }
    const now = Math.floor(Date.now() / 1000)
    if (now !== second) {
      if (left > 0) write(`  ... and ${left} more`)
      second = now
      shown = 0
      left = 0
    }
    if (shown++ >= MAX_LINES) left++
    else write(`${String(line['sink'])}: ${readable(line['value'])}`)
  }

  return createLogger({
    level: 'info',
    format: 'json',
    destination: { write: (text: string) => show(JSON.parse(text)) },
  })
}

function readable(value: unknown): string {
  const { text } = Object(value)
  return typeof text === 'string' ? text : JSON.stringify(value)
}
