import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { startKafka } from '../../../dev/kafka/embedded-kafka.ts'
import type { EmbeddedKafka } from '../../../dev/kafka/types.ts'
import { LENDER, type LentParts } from './borrow.ts'
import { wipe } from './wipe.ts'

// Lends test files that run together a Kafka of one node, each to one file at a time, and empties it in between:
// starting one for each file would be half of all the work. A file has it for as long as it is connected. That of a file which was killed is not lent again: services of that file may still be at it.

const idle: EmbeddedKafka[] = []
const counts = { started: 0, lent: 0, 'not to be lent again': 0 }
const emptied = new Set<Promise<void>>()
const all = new Set<EmbeddedKafka>()
let server: Server | undefined

export async function startLender(): Promise<void> {
  server = createServer((socket) => {
    socket.on('error', () => {}) // a borrower that was killed
    lend(socket).catch((error) => socket.end(JSON.stringify({ error: String(error) })))
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  // The processes of the test files inherit it.
  process.env[LENDER] = String((server.address() as AddressInfo).port)
}

export async function stopLender(): Promise<void> {
  server?.close()
  await Promise.all(emptied)
  await Promise.all([...all].map((kafka) => kafka.close()))
  const figures = Object.entries(counts).map(([what, count]) => `${count} ${what}`)
  console.log(`Kafkas of one node: ${figures.join(', ')}`)
}

async function lend(socket: Socket): Promise<void> {
  const kafka = await take()
  counts.lent += 1
  const { bootstrap, brokers, credentials, admin, certificates } = kafka
  const [node] = kafka.nodes
  const parts: LentParts = {
    bootstrap,
    brokers,
    credentials,
    admin,
    certificates,
    dataFolder: node?.dataFolder ?? '',
    pid: kafka.pid(),
  }
  const back = (isReturned: boolean) => {
    const done = takeBack(kafka, isReturned).finally(() => emptied.delete(done))
    emptied.add(done)
  }
  if (socket.closed) return back(true)
  socket.on('data', () => {}) // Whatever comes is counted, and so is its end.
  socket.on('close', () => back(socket.bytesRead > 0))
  socket.write(`${JSON.stringify(parts)}\n`)
}

async function take(): Promise<EmbeddedKafka> {
  for (;;) {
    const kafka = idle.pop()
    if (kafka !== undefined) return kafka
    if (emptied.size === 0) break
    await Promise.race(emptied)
  }
  const kafka = await startKafka()
  counts.started += 1
  all.add(kafka)
  return kafka
}

async function takeBack(kafka: EmbeddedKafka, isReturned: boolean): Promise<void> {
  if (isReturned && (await wipe(kafka))) {
    idle.push(kafka)
    return
  }
  counts['not to be lent again'] += 1
  all.delete(kafka)
  // It ends with this process at the latest.
  await kafka.close().catch((error) => console.error('a Kafka that was lent:', error))
}
