import { createApp } from '../../app/create-app.ts'
import { unitsOf } from '../../app/units/units.ts'
import { formatProblemLine } from '../../config/check/problems.ts'
import { loadConfig, problemText } from '../../config/load/load.ts'
import { stackOf } from '../../kernel/error-stack.ts'
import { codeOf, messageOf } from '../../kernel/errors.ts'
import { createLogger } from '../../observe/log/logger.ts'
import { createMeters } from '../../observe/meters/meters.ts'
import type { Flags } from '../arguments.ts'
import type { configFlag } from '../commands/define-command.ts'
import { STOPPING } from '../terminal/interrupt.ts'
import type { Io } from '../terminal/io.ts'
import { currentVersion } from '../version.ts'
import { reportFatal } from './report-fatal.ts'
import { openServiceOutput } from './service-output.ts'
import { writeTerminationMessage } from './termination-message.ts'

/**
 * Runs the service until SIGTERM, SIGINT or SIGHUP (exit code 0 after the drain; 1 at once on a
 * second signal) or an unrecoverable error (exit code 1).
 */
export async function run(flags: Flags<typeof configFlag>, io: Io): Promise<number> {
  const loaded = loadConfig({ file: flags.config, env: io.env })
  if (!loaded.ok) {
    const text = problemText(loaded)
    io.stderr.write(`${text}\n`)
    writeTerminationMessage(text, io.env)
    await reportFatal('ConfigurationWrong', text, loaded.kubernetes, io.env)
    return 1
  }
  const { config, warnings, origins } = loaded
  const meters = createMeters()
  const log = createLogger({
    ...config.log,
    destination: {
      write: openServiceOutput(io.stdout, { dropped, recovered }),
      isTTY: io.stdout.isTTY === true,
    },
    loggedLines: meters.process.loggedLines,
  })
  openServiceOutput(io.stderr, { dropped, recovered })

  function dropped(): void {
    meters.process.droppedLines += 1
  }

  function recovered(lines: number, code: string): void {
    log.warn(
      { event: 'log.dropped', lines, code },
      `${lines} lines of the log could not be written: ${code}`,
    )
  }

  const { brokers, securityProtocol, topics } = config.kafka
  const group = unitsOf(config)
    .map((unit) => unit.config.kafka.groupId)
    .join(', ')
  // Before handlers are opened and brokers asked: both may take long, or fail.
  log.info(
    {
      event: 'service.starting',
      version: currentVersion,
      node: process.version,
      file: origins.file ?? null,
      ...{ brokers, securityProtocol, topics, group },
    },
    `onchain-consumer ${currentVersion}: will consume ${topics.join(', ')} from ${brokers.join(', ')} as ${group}`,
  )
  for (const warning of warnings) {
    log.warn({ event: 'config.warned' }, formatProblemLine(warning))
  }
  const source = {
    warnings,
    load: () => loadConfig({ file: flags.config, env: io.env }),
    setLogLevel(level: typeof log.level) {
      log.level = level
    },
  }
  const { file } = origins
  const app = createApp({
    config,
    log,
    version: currentVersion,
    meters,
    ...(file !== undefined && { source: { ...source, file } }),
  })

  const signals = onSignals((signal) => {
    log.info(
      { event: 'service.signalled', signal },
      `Received ${signal}; a second signal ends the process at once`,
    )
    void app.stop()
  })
  // Until the process ends: errors during the drain must not interrupt it.
  process.on('unhandledRejection', (error) => app.uncaught('rejection', error))
  process.on('uncaughtException', (error) => app.uncaught('exception', error))
  let failure: unknown
  try {
    await app.start()
    log.info(
      { event: 'service.started', topics, group },
      `Consuming ${topics.join(', ')} as ${group}`,
    )
    await app.done
  } catch (error) {
    failure = error
    // At once, because the drain may be cut short.
    log.warn({ event: 'service.failing', code: codeOf(error) }, messageOf(error))
    writeTerminationMessage(messageOf(error), io.env)
    await reportFatal('ServiceFailed', messageOf(error), config.kubernetes, io.env)
  }
  await app.stop()
  signals.release()
  if (failure === undefined) return 0
  // Logged last, because people look at the end of the log.
  const stack = stackOf(failure) ?? undefined
  log.fatal({ event: 'service.failed', code: codeOf(failure), stack }, messageOf(failure))
  return 1
}

function onSignals(first: (signal: NodeJS.Signals) => void): { release(): void } {
  let count = 0
  const listener = (signal: NodeJS.Signals) => {
    count += 1
    if (count > 1) process.exit(1)
    first(signal)
  }
  for (const signal of STOPPING) process.on(signal, listener)
  return {
    release() {
      for (const signal of STOPPING) process.off(signal, listener)
    },
  }
}
