import { startKafka } from './kafka/embedded-kafka.ts'
import { createGroupMember } from '../src/broker/member.ts'
import { lz4Codec } from '../src/decode/lz4-codec.ts'
import { systemClock } from '../src/kernel/clock.ts'
import { Kafka, logLevel } from 'kafkajs'
import type { MemberListener, MemberOptions } from '../src/broker/types.ts'
const t0 = performance.now()
const ms = () => `${Math.round(performance.now() - t0)}`.padStart(6)
const kafka = await startKafka({ nodes: 3 })
console.log(ms(), 'kafka up', kafka.bootstrap)
const make = (): any => { const l: any = { child: () => l }; for (const k of ['trace','debug','info','warn','error','fatal']) l[k] = (f: any, t: string) => { if (k !== 'debug' && k !== 'trace' || process.env.V) console.log(ms(), k, f.event, f.member ?? '', t) }; return l }
const log = make()
await kafka.cluster.createTopic('t', { partitions: 6, replication: 1 } as any).catch(async (e: unknown) => { console.log(String(e)); throw e })
const client = new Kafka({ brokers: [...kafka.bootstrap], logLevel: logLevel.NOTHING })
const producer = client.producer(); await producer.connect()
const total = 6000
for (let i = 0; i < total; i += 600) await producer.send({ topic: 't', messages: Array.from({ length: 600 }, (_, k) => ({ partition: k % 6, value: `v${i + k}`, headers: { a: 'b' } })) })
console.log(ms(), 'produced')
const options = (name: string): MemberOptions => ({ name, groupId: 'g', groupInstanceId: null, assignors: ['cooperative-sticky'], topics: ['t'], autoOffsetReset: 'earliest', readUncommitted: false, checkCrcs: true, maxBatchBytes: 1e8, corruptBatches: 'hold', sessionTimeout: 10000, heartbeatInterval: 500, rebalanceTimeout: 20000, metadataMaxAge: 5000, restartWindow: 60000, lagInterval: 1000, rackId: '', fetch: { minBytes: 1, maxBytes: 8e6, maxBytesPerPartition: 1 << 20, maxWait: 200 } })
const seen = new Map<string, number>(); let handled = 0
function member(name: string) {
  const tails = new Map<string, number>()
  const listener: MemberListener = {
    assigned(p) { for (const x of p) tails.set(`${x.topic}/${x.partition}`, x.startOffset); console.log(ms(), name, 'assigned', p.map((x) => `${x.partition}@${x.startOffset}`).join(' ')) },
    async revoking(p) { console.log(ms(), name, 'revoking', p.map((x) => x.partition).join(' ')); await m.commit(p.map((x) => ({ ...x, offset: tails.get(`${x.topic}/${x.partition}`)!, metadata: '', finished: [] }))); for (const x of p) tails.delete(`${x.topic}/${x.partition}`) },
    lost(p) { console.log(ms(), name, 'lost', p.map((x) => x.partition).join(' ')) },
    rebalanced(r) { console.log(ms(), name, 'rebalanced', JSON.stringify(r)) },
    batch(b) { const k = `${b.topic}/${b.partition}`; if (tails.get(k) !== b.from) console.log(ms(), 'GAP', k, tails.get(k), b.from); tails.set(k, b.nextOffset); for (const r of b.read()) { handled++; const n = `${r.partition}@${r.offset}`; seen.set(n, (seen.get(n) ?? 0) + 1) } },
    moved(p, o) { console.log('moved', p, o); tails.set(`${p.topic}/${p.partition}`, o) },
    room: () => 1e6, endOffset() {}, problem(p, x) { console.log(ms(), name, 'problem', p.partition, x?.reason ?? null) }, recordsLost: console.log, fetched() {}, throttled() {}, fetchFailed(p, c) { console.log(ms(), name, 'fetchFailed', p.partition, c) }, failed(e) { console.log(ms(), name, 'failed', e.code, e.message) },
  }
  const m = createGroupMember({ brokers: kafka.bootstrap, clientId: 'x', security: { protocol: 'PLAINTEXT' }, connectionTimeout: 3000, requestTimeout: 10000 }, options(name), listener, systemClock, log, lz4Codec)
  m.run().catch((e) => console.log('run', e))
  return m
}
const wait = (n: number) => new Promise((r) => setTimeout(r, n))
const a = member('A')
await wait(3000); console.log(ms(), 'handled', handled, seen.size, a.view)
const b = member('B'); await wait(4000); console.log(ms(), a.view, b.view)
const c = member('C'); await wait(3000)
console.log(ms(), 'moving'); await kafka.cluster.movePartitions([{ topic: 't', partition: 0, replicas: [2] }, { topic: 't', partition: 1, replicas: [3] }]); 
for (let i = 0; i < total; i += 600) await producer.send({ topic: 't', messages: Array.from({ length: 600 }, (_, k) => ({ partition: k % 6, value: `v${i + k}` })) })
await wait(2000)
console.log(ms(), 'handled', handled, seen.size)
await b.stop(3000); await wait(2000); console.log(ms(), a.view, c.view)
await a.stop(3000); await c.stop(3000)
await producer.disconnect(); await kafka.close(); console.log(ms(), 'done', handled, seen.size)
