import { brokerFlags } from './broker-flags.ts'
import { type BrokerProcess, killBroker, launchBroker, stopBroker } from './broker-process.ts'
import { type ClassArchive, classArchive } from './java/class-archive.ts'
import type { KafkaFiles } from './java/class-path.ts'
import type { Java } from './java/java.ts'
import type { KafkaOptions } from './types.ts'

export interface RestartableBroker {
  readonly pid: () => number | undefined
  readonly exited: () => Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
  kill(): Promise<void>
  /** Whether a clean shutdown would leave an archive worth waiting for (class-archive.ts). */
  recording(): boolean
  /** For the end of this process, when nothing can be awaited. */
  killNow(): void
}

export interface BrokerSetup {
  readonly java: Java
  readonly files: KafkaFiles
  readonly options: KafkaOptions
  /** The broker's own folder. */
  readonly folder: string
  /** Removed once this process is gone. */
  readonly runFolder: string
  /** Whether it may record a class archive if there is none yet. */
  readonly records: boolean
  /** Path of server.properties, reread at each start. */
  readonly config: string
}

/** A broker that can be restarted with the same configuration and data. */
export function createRestartableBroker(setup: BrokerSetup): RestartableBroker {
  const { java, files, options, folder, runFolder, config } = setup
  let running: (BrokerProcess & { readonly archive: ClassArchive }) | undefined

  function launch(): BrokerProcess {
    const archive = classArchive(java, files, folder, setup.records)
    const flags = [...archive.flags, ...brokerFlags(options, folder)]
    const broker = launchBroker({
      java: java.command,
      folder: runFolder,
      args: [...flags, '-cp', files.classPath, 'kafka.Kafka', config],
      onLogLine: options.onLogLine ?? (() => {}),
    })
    const started = { ...broker, archive }
    running = started
    const over = () => {
      if (running === started) running = undefined
    }
    broker.jvm.exited.then(over, over)
    return broker
  }

  async function stop(): Promise<void> {
    if (running === undefined) return
    const { jvm, archive } = running
    await stopBroker(jvm)
    await archive.keep()
  }

  async function kill(): Promise<void> {
    if (running !== undefined) await killBroker(running.jvm)
  }

  return {
    pid: () => running?.jvm.pid,
    exited: async () => {
      await running?.jvm.exited
    },
    start: () => (running ?? launch()).ready,
    stop,
    kill,
    recording: () => running?.archive.recording ?? false,
    killNow: () => running?.jvm.process.kill('SIGKILL'),
  }
}
