import { createSinks } from '../../app/sinks/create-sinks.ts'
import type { Config } from '../../config/types.ts'
import { OccError } from '../../kernel/errors.ts'
import { REDACTED } from '../../kernel/text/redact-text.ts'
import { matchesAnyTopic } from '../../kernel/topic-pattern.ts'
import type { Alert } from '../../sink/alerts/types.ts'
import { LazyItem } from '../../sink/emit/serialize.ts'
import { toMessage } from '../../sink/webhook/messages.ts'
import { receiverOf, requestOf } from '../../sink/webhook/requests.ts'
import type { Flags } from '../arguments.ts'
import { readSamples } from '../records/sample-files.ts'
import { describeProblem } from '../run/failure.ts'
import { commandLog } from '../terminal/command-log.ts'
import type { Io } from '../terminal/io.ts'
import { counted } from '../terminal/terminal.ts'
import type { testFlags } from './flags.ts'
import { alertAbout } from './made-up.ts'
import { passing, type RuleConfig, withRule } from './rule.ts'

const MAX_SAMPLES = 10_000

/** Sends one alert of the rule. Exit code 1 if its sink does not take it. */
export function testAlert(name: string, flags: Flags<typeof testFlags>, io: Io): Promise<number> {
  return withRule(name, flags, true, io, (rule) => send(rule, flags, io))
}

async function send(rule: RuleConfig, flags: Flags<typeof testFlags>, io: Io): Promise<number> {
  const { config, alert } = rule
  const { name } = alert
  const topic = config.kafka.topics.find((each) => matchesAnyTopic(alert.topics, each)) ?? 'sample'
  const value = flags.file === undefined ? undefined : await sample(flags.file, topic, rule, io)
  const { id, ...said } = alertAbout(alert, value, topic, Date.now())
  if (flags['dry-run'] !== undefined) {
    io.stdout.write(await preview(config, alert.to, id, name, said))
    return 0
  }
  const sinks = createSinks(config, commandLog(io, 'error'))
  try {
    await sinks.emit({ handler: name, id }, alert.to, said, null)
    io.stdout.write(`${said.message}\nTaken by ${alert.to}.\n`)
    return 0
  } catch (error) {
    io.stderr.write(`${said.message}\nNot taken: ${describeProblem(error)}\n`)
    return 1
  } finally {
    await sinks.close()
  }
}

async function sample(file: string, topic: string, rule: RuleConfig, io: Io): Promise<unknown> {
  const records = await readSamples([file], { topic, count: MAX_SAMPLES })
  const { values, failed } = await passing(rule, records, io)
  if (values[0] !== undefined) return values[0]
  const unread = failed === 0 ? '' : `, and ${failed} could not be read`
  throw new OccError(
    'OCC_SAMPLE',
    `None of ${counted(records.length, 'record')} in ${file} has an event that passes the filter of ${rule.alert.name}${unread}. Remedy: give other samples, or omit --file for a made-up event`,
  )
}

/** What would be sent, without what is secret. */
async function preview(
  config: Config,
  to: string,
  id: string,
  handler: string,
  said: Omit<Alert, 'id'>,
): Promise<string> {
  const sink = config.sinks[to]
  if (sink?.type !== 'webhook') return `${JSON.stringify(said, null, 2)}\n`
  const options = { ...sink, signature: sink.signature ?? ('standard' as const) }
  const receiver = await receiverOf(options)
  const message = toMessage(new LazyItem({ handler, id }, null, said))
  const now = Math.floor(Date.now() / 1000)
  const { url, headers, body } = requestOf([message], receiver, options, now)
  const { urlFile, tokenFile, headersFile } = sink
  const path = urlFile === undefined && tokenFile === undefined ? url.pathname : '/...'
  const shown = Object.entries(headers).map(([key, value]) => {
    const isKnown =
      headersFile === undefined || /^(content-type|webhook-(id|timestamp|signature))$/.test(key)
    return `${key}: ${isKnown ? value : REDACTED}`
  })
  const { token } = receiver
  const text = token === '' ? body.toString() : body.toString().replaceAll(token, REDACTED)
  return `POST ${url.origin}${path}\n${shown.join('\n')}\n\n${text}\n`
}
