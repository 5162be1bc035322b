import { rmSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { OccError } from '../../src/kernel/errors.ts'
import { certificatePaths, writeCertificates } from './certificate-files.ts'
import { kafkaFiles } from './class-path.ts'
import { formatData } from './format.ts'
import { findJava } from './java.ts'
import { type ListenersPlan, planListeners } from './listeners.ts'
import { createRestartableBroker } from './restartable-broker.ts'
import { makeRunFolder } from './run-folder.ts'
import { type ServerPlan, serverProperties } from './server-properties.ts'
import { createTools } from './tools.ts'
import type { EmbeddedKafka, KafkaOptions } from './types.ts'
import { allUsers } from './users.ts'

/**
 * Starts a real Apache Kafka of one node, in KRaft mode, on free local ports and with a data folder
 * of its own; resolves when it serves requests (in 1 to 2 s; the very first time Maven fetches 54 MB).
 * It cannot outlive this process, however that ends. Needs Java 17, Maven the first time, and `sh`.
 * @throws OccError OCC_JAVA_MISSING, OCC_JAVA_TOO_OLD, OCC_MAVEN_MISSING, OCC_MAVEN_FAILED,
 *   OCC_KAFKA_OPTION, OCC_KAFKA_PORT, OCC_KAFKA_FORMAT, OCC_KAFKA_START
 */
export async function startKafka(options: KafkaOptions = {}): Promise<EmbeddedKafka> {
  const users = allUsers(options)
  const [java, files] = await Promise.all([findJava(), kafkaFiles()])
  const folder = await makeRunFolder()
  const config = join(folder, 'server.properties')
  const broker = createRestartableBroker({ java, files, options, folder, config })
  const atExit = () => {
    broker.killNow()
    try {
      rmSync(folder, { recursive: true, force: true })
    } catch {
      // The dying JVM still wrote something: its watcher (jvm.ts) removes the folder in a moment.
    }
  }
  process.on('exit', atExit)

  const certificates = certificatePaths(join(folder, 'certificates'))
  const renewCertificates: EmbeddedKafka['renewCertificates'] = ({ clientNotAfter } = {}) =>
    writeCertificates(certificates.folder, options.advertise?.host, clientNotAfter)

  async function close(): Promise<void> {
    await broker.end()
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    process.off('exit', atExit)
  }

  /** Free ports are found, not held: somebody else can take one before Kafka listens there. */
  async function startOnNewPorts(attempts: number): Promise<ListenersPlan['brokers']> {
    const { listeners, controllerPort, brokers } = await planListeners(options, certificates)
    const dataFolder = join(folder, 'data')
    const plan: ServerPlan = {
      dataFolder,
      listeners,
      controllerPort,
      certificates,
      users: users.all,
      authorizer: options.authorizer ?? false,
      overrides: options.properties ?? {},
    }
    await rm(dataFolder, { recursive: true, force: true })
    await Promise.all([
      writeFile(config, serverProperties(plan), { mode: 0o600 }),
      formatData(java, files, plan),
    ])
    try {
      await broker.start()
      return brokers
    } catch (error) {
      const again = error instanceof OccError && error.retriable && options.port === undefined
      if (!again || attempts <= 1) throw error
      return startOnNewPorts(attempts - 1)
    }
  }

  try {
    await Promise.all([mkdir(join(folder, 'tmp')), renewCertificates()])
    const brokers = await startOnNewPorts(3)
    return {
      brokers,
      credentials: users.user,
      admin: users.admin,
      certificates,
      tools: createTools(brokers.plaintext),
      folder,
      pid: broker.pid,
      exited: broker.exited,
      stop: broker.stop,
      kill: broker.kill,
      start: broker.start,
      renewCertificates,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
