import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { CodedError, messageOf, OccError } from '../../src/kernel/errors.ts'
import { withDeadline } from '../../src/kernel/lifecycle.ts'
import { causeIn } from './java/java-errors.ts'
import { type Jvm, launchJvm } from './java/jvm.ts'

const READY = 'Kafka Server started'
const START_DEADLINE = 120_000
const STOP_DEADLINE = 30_000
const LINES_KEPT = 200

export interface BrokerCommand {
  readonly java: string
  /** JVM flags, class and arguments. */
  readonly args: readonly string[]
  readonly folder: string
  readonly onLogLine: (line: string) => void
}

export interface BrokerProcess {
  readonly jvm: Jvm
  /**
   * Resolves when its log says that it serves requests. Rejects with OccError OCC_KAFKA_START and
   * its error after it has ended.
   */
  readonly ready: Promise<void>
}

export function launchBroker(command: BrokerCommand): BrokerProcess {
  const jvm = launchJvm(command.java, { args: command.args, folder: command.folder })
  const recent: string[] = []
  const saidReady = new Promise<void>((resolve) => {
    // Reading never stops, or the broker would block on a full pipe.
    for (const stream of [jvm.process.stdout, jvm.process.stderr]) {
      if (stream === null) continue
      createInterface({ input: stream }).on('line', (line) => {
        recent.push(line)
        if (recent.length > LINES_KEPT) recent.shift()
        if (line.includes(READY)) resolve()
        command.onLogLine(line)
      })
    }
  })
  return { jvm, ready: readyOrEnded(jvm, saidReady, recent) }
}

async function readyOrEnded(jvm: Jvm, saidReady: Promise<void>, lines: readonly string[]) {
  // 'close' comes after 'exit' and after the last line, which says why it ended.
  const ended = Promise.all([jvm.exited, once(jvm.process, 'close')]).then(([code]) => {
    throw startError(`ended with code ${code}`, lines)
  })
  ended.catch(() => {}) // a later end is not a failed start
  try {
    await withDeadline(Promise.race([saidReady, ended]), START_DEADLINE, 'the start of Kafka')
  } catch (error) {
    await killBroker(jvm)
    throw error instanceof OccError && error.code === 'OCC_KAFKA_START'
      ? error
      : startError(messageOf(error), lines)
  }
}

/** SIGTERM, and SIGKILL if that takes too long. */
export async function stopBroker(jvm: Jvm): Promise<void> {
  jvm.process.kill('SIGTERM')
  try {
    await withDeadline(jvm.exited, STOP_DEADLINE, 'the stop of Kafka')
  } catch {
    await killBroker(jvm)
  }
}

export async function killBroker(jvm: Jvm): Promise<void> {
  jvm.process.kill('SIGKILL')
  await jvm.exited.catch(() => {}) // it was never started
}

/** Of a broker whose own controller was not ready: a race in Kafka, on a machine that does much else. */
const TOO_EARLY = '"raftManager" is null'

function startError(what: string, lines: readonly string[]): OccError {
  const says = (text: string) => lines.some((line) => line.includes(text))
  const isInUse = says('Address already in use')
  const remedy = isInUse
    ? 'a port was taken meanwhile: choose another one or end what uses it'
    : 'check the properties and JVM flags given to it'
  const cause = causeIn(lines.join('\n'))
  return new CodedError('OCC_KAFKA_START', `the embedded Kafka ${what}; ${remedy}: ${cause}`, {
    // Another attempt with other ports may succeed.
    retriable: isInUse || says(TOO_EARLY),
  })
}
