// node dev/kafka/main.ts [options]: an Apache Kafka for experiments, until Ctrl-C.
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { CodedError } from '../../src/kernel/errors.ts'
import { sayAndExit } from './console.ts'
import { startKafka } from './embedded-kafka.ts'
import { summary } from './summary.ts'
import type { KafkaOptions } from './types.ts'

const HELP = `Starts an Apache Kafka, with data that is gone when it ends (Ctrl-C).

  node_modules/.bin/node dev/kafka/main.ts [options]

  --nodes N          1 to 3 (default 1); of three any one may be killed or stopped and everything continues,
                     of two only node 2: node 1 alone is the controller then
  --port N           the first plaintext listener's port; the others take the next ones (default: free ports)
  --advertise HOST   further listeners, known to their clients by this host name or address
  --bind ADDRESS     where those listen (default: the advertised host)
  --authorizer       ACLs are on; everything is allowed where no ACL says otherwise
  --property K=V     a server property; may be repeated
  --heap SIZE        the JVM's heap of each node (default 512m; 256m with several nodes)
  --verbose          print the broker's log
`

function options(): KafkaOptions | undefined {
  const { values } = parseArgs({
    options: {
      nodes: { type: 'string' },
      port: { type: 'string' },
      advertise: { type: 'string' },
      bind: { type: 'string' },
      authorizer: { type: 'boolean' },
      property: { type: 'string', multiple: true },
      heap: { type: 'string' },
      verbose: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return undefined
  const { advertise: host, bind } = values
  return {
    ...(values.nodes === undefined ? {} : { nodes: nodesOf(values.nodes) }),
    ...(values.port === undefined ? {} : { port: portOf(values.port) }),
    ...(host === undefined ? {} : { advertise: bind === undefined ? { host } : { host, bind } }),
    ...(values.heap === undefined ? {} : { heap: values.heap }),
    ...(values.verbose ? { logLevel: 'info', onLogLine: console.error } : {}),
    authorizer: values.authorizer ?? false,
    properties: Object.fromEntries((values.property ?? []).map(propertyOf)),
  }
}

function nodesOf(text: string): number {
  if (/^[1-3]$/.test(text)) return Number(text)
  throw new CodedError('OCC_KAFKA_OPTION', `--nodes ${text} is not possible: give 1, 2 or 3`)
}

function portOf(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text)
  throw new CodedError('OCC_KAFKA_PORT', `--port ${text} is not a port: give a number up to 65535`)
}

function propertyOf(text: string): [string, string] {
  const at = text.indexOf('=')
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)]
  throw new CodedError('OCC_KAFKA_OPTION', `--property ${text} has no value: write it as key=value`)
}

try {
  const chosen = options()
  if (chosen === undefined) {
    console.log(HELP)
  } else {
    const began = performance.now()
    const interrupted = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
    const kafka = await startKafka(chosen)
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    console.log(summary(kafka, seconds))
    let closing = false
    // People kill nodes to see what happens: the others continue.
    for (const node of kafka.nodes.length > 1 ? kafka.nodes : []) {
      node.exited().then(() => {
        if (!closing) console.log(`node ${node.id} ended`)
      })
    }
    const crashed = kafka.exited().then(() => 'crashed' as const)
    const end = await Promise.race([interrupted, crashed])
    closing = true
    await kafka.close()
    if (end === 'crashed') {
      throw new CodedError('OCC_KAFKA_START', 'the Kafka process ended; --verbose shows its log')
    }
  }
} catch (error) {
  sayAndExit(error)
}
