import { rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { CodedError, OccError } from '../../src/kernel/errors.ts'
import { certificatePaths, writeCertificates } from './certificate-files.ts'
import { createCluster } from './cluster.ts'
import { kafkaFiles } from './java/class-path.ts'
import { findJava } from './java/java.ts'
import { createTools } from './java/tools.ts'
import { keptFormat } from './nodes/format.ts'
import { planListeners } from './nodes/listeners.ts'
import { createNodes } from './nodes/nodes.ts'
import { makeRunFolder } from './nodes/run-folder.ts'
import { allUsers } from './nodes/users.ts'
import type { EmbeddedKafka, KafkaOptions } from './types.ts'

/**
 * Starts a real Apache Kafka of one to three nodes, in KRaft mode, on free local ports and with its
 * own data folders; resolves when it serves requests (one node in 1 to 2 s, three in about 4; the
 * very first time Maven fetches 54 MB). It cannot outlive this process, however that ends. Needs
 * Java 17, `sh`, and Maven the first time.
 * @throws OccError OCC_JAVA_MISSING, OCC_JAVA_TOO_OLD, OCC_MAVEN_MISSING, OCC_MAVEN_FAILED,
 *   OCC_KAFKA_OPTION, OCC_KAFKA_PORT, OCC_KAFKA_FORMAT, OCC_KAFKA_START
 */
export async function startKafka(options: KafkaOptions = {}): Promise<EmbeddedKafka> {
  const count = nodeCount(options.nodes)
  const users = allUsers(options)
  const [java, files] = await Promise.all([findJava(), kafkaFiles()])
  const folder = await makeRunFolder()
  const all = createNodes(count, { java, files, options, runFolder: folder })
  const atExit = () => {
    all.killNow()
    try {
      rmSync(folder, { recursive: true, force: true })
    } catch {
      // The dying JVM was still writing: its watcher (jvm.ts) removes the folder in a moment.
    }
  }
  process.on('exit', atExit)

  const certificates = certificatePaths(join(folder, 'certificates'))
  const renewCertificates: EmbeddedKafka['renewCertificates'] = ({ clientNotAfter } = {}) =>
    writeCertificates(certificates.folder, options.advertise?.host, clientNotAfter)

  async function close(): Promise<void> {
    await all.end()
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    process.off('exit', atExit)
  }

  /** Free ports are found, not reserved: another process can take one before Kafka listens. */
  async function startOnNewPorts(attempts: number): Promise<void> {
    const listeners = await planListeners(options, certificates, count)
    const plan = {
      certificates,
      users: users.all,
      authorizer: options.authorizer ?? false,
      overrides: options.properties ?? {},
    }
    await all.prepare(plan, listeners, (whole) => keptFormat(java, files, whole))
    try {
      await all.start()
    } catch (error) {
      await all.kill()
      const again = error instanceof OccError && error.retriable && options.port === undefined
      if (!again || attempts <= 1) throw error
      await startOnNewPorts(attempts - 1)
    }
  }

  try {
    await renewCertificates()
    await startOnNewPorts(3)
    const { first, nodes } = all
    const cluster = createCluster(nodes)
    if (count > 1) await cluster.complete()
    const bootstrap = nodes.map(({ brokers }) => brokers.plaintext)
    return {
      brokers: first.brokers,
      bootstrap,
      nodes,
      cluster,
      credentials: users.user,
      admin: users.admin,
      certificates,
      tools: createTools(bootstrap.join(',')),
      folder,
      pid: first.pid,
      exited: all.exited,
      stop: all.stop,
      kill: all.kill,
      start: all.start,
      renewCertificates,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

function nodeCount(nodes = 1): number {
  if ([1, 2, 3].includes(nodes)) return nodes
  throw new CodedError('OCC_KAFKA_OPTION', `an embedded Kafka has 1, 2 or 3 nodes, not ${nodes}`)
}
