// node dev/kafka/main.ts [flags]: an Apache Kafka for experiments, until Ctrl-C.
import {
  describeFlags,
  type FlagTable,
  numberOf,
  parseFlags,
  usageError,
} from '../../src/cli/arguments.ts'
import { interruptSignal } from '../../src/cli/terminal/interrupt.ts'
import { CodedError } from '../../src/kernel/errors.ts'
import { runDevCommand } from '../command.ts'
import { startKafka } from './embedded-kafka.ts'
import { summary } from './summary.ts'
import type { KafkaOptions } from './types.ts'

const flagTable = {
  nodes: {
    value: 'N',
    about:
      '1 to 3 (default 1); of three any one may be killed or stopped and everything\ncontinues, of two only node 2: node 1 alone is the controller then',
  },
  port: {
    value: 'N',
    about:
      "the first plaintext listener's port; the others take the next ones\n(default: free ports)",
  },
  advertise: {
    value: 'HOST',
    about: 'further listeners, known to their clients by this host name or address',
  },
  bind: { value: 'ADDRESS', about: 'where those listen (default: the advertised host)' },
  authorizer: { about: 'ACLs are on; everything is allowed where no ACL says otherwise' },
  property: { value: 'K=V', about: 'a server property; may be repeated', repeats: true },
  heap: {
    value: 'SIZE',
    about: "the JVM's heap of each node (default 512m; 256m with several nodes)",
  },
  verbose: { about: "print the broker's log" },
} as const satisfies FlagTable

/** @throws OccError OCC_USAGE */
function optionsOf(args: readonly string[]): KafkaOptions {
  const {
    nodes,
    port,
    advertise: host,
    bind,
    heap,
    verbose,
    ...flags
  } = parseFlags(args, flagTable)
  const integer = { min: 1, integer: true } as const
  return {
    ...(nodes === undefined ? {} : { nodes: numberOf('--nodes', nodes, { ...integer, max: 3 }) }),
    ...(port === undefined ? {} : { port: numberOf('--port', port, { ...integer, max: 65_535 }) }),
    ...(host === undefined ? {} : { advertise: bind === undefined ? { host } : { host, bind } }),
    ...(heap === undefined ? {} : { heap }),
    ...(verbose === undefined ? {} : { logLevel: 'info', onLogLine: console.error }),
    authorizer: flags.authorizer !== undefined,
    properties: Object.fromEntries((flags.property?.split('\n') ?? []).map(propertyOf)),
  }
}

function propertyOf(text: string): [string, string] {
  const at = text.indexOf('=')
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)]
  throw usageError(`--property ${text} has no value: write it as key=value`)
}

await runDevCommand({
  name: 'kafka',
  call: 'node_modules/.bin/node dev/kafka/main.ts',
  usage: `Usage: node_modules/.bin/node dev/kafka/main.ts [flags]

Starts an Apache Kafka, with data that is gone when it ends (Ctrl-C).

${describeFlags(flagTable)}`,
  async run(args, io) {
    const chosen = optionsOf(args)
    const began = performance.now()
    const { signal, release } = interruptSignal(io)
    const interrupted = new Promise((resolve) => signal.addEventListener('abort', resolve))
    const kafka = await startKafka(chosen)
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    io.stdout.write(`${summary(kafka, seconds)}\n`)
    let closing = false
    // People kill nodes to see what happens: the others continue.
    for (const node of kafka.nodes.length > 1 ? kafka.nodes : []) {
      node.exited().then(() => {
        if (!closing) io.stdout.write(`node ${node.id} ended\n`)
      })
    }
    const crashed = kafka.exited().then(() => 'crashed' as const)
    const end = await Promise.race([interrupted, crashed])
    closing = true
    release()
    await kafka.close()
    if (end !== 'crashed') return 0
    throw new CodedError('OCC_KAFKA_START', 'the Kafka process ended; --verbose shows its log')
  },
})
