import { join } from 'node:path'
import { findJava } from '../dev/kafka/java/java.ts'
import { messageOf } from '../src/kernel/errors.ts'
import { buildGo } from './builds/go.ts'
import { buildGoProtobuf } from './builds/go-protobuf.ts'
import { compileJava } from './builds/java.ts'
import { installPackages } from './builds/npm.ts'
import { installPython } from './builds/python.ts'

export interface Contestant {
  readonly name: string
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** One that this machine cannot run. */
export interface LeftOut {
  readonly name: string
  readonly why: string
}

export type Entrant = Contestant | LeftOut

type Env = Readonly<Record<string, string>>

const here = (...file: string[]) => join(import.meta.dirname, 'contestants', ...file)

export const bareLoop: Contestant = {
  name: 'kafkajs loop, default fetch',
  command: [process.execPath, here('kafkajs-loop.ts')],
  env: { FETCH: 'default' },
}
export const bestLoop: Contestant = {
  ...bareLoop,
  name: 'kafkajs loop, 8 MB a partition',
  env: { FETCH: 'best' },
}

export function eachMessage(partitions: number, milliseconds: number): Contestant {
  return {
    name: 'kafkajs eachMessage',
    command: [process.execPath, here('each-message.ts')],
    env: { PARTITIONS: String(partitions), WAIT: String(milliseconds) },
  }
}

/** Needs Maven and a JDK. */
export function parallelConsumer(name: string, env: Env): Promise<Entrant> {
  return java(name, 'parallel-consumer', 'ParallelConsumerBench', env)
}

/** Needs Maven and a JDK. */
export function plainJava(): Promise<Entrant> {
  return java('plain Java loop', 'plain-java', 'PlainJavaBench', {})
}

function java(name: string, folder: string, main: string, env: Env): Promise<Entrant> {
  return orLeftOut(name, async () => {
    const sources = [here(folder, `${main}.java`), here('java', 'Measure.java')]
    const [{ command }, classPath] = await Promise.all([
      findJava(),
      compileJava(here(folder), sources),
    ])
    return { name, command: [command, '-Xmx2g', '-cp', classPath, main], env }
  })
}

/** Needs Go. What a mode does stands in contestants/franz-go/main.go. */
export function franzGo(
  name: string,
  mode: 'loop' | 'partition' | 'key',
  env: Env = {},
): Promise<Entrant> {
  return orLeftOut(name, async () => {
    const program = await buildGo(here('franz-go'))
    return { name, command: [program], env: { MODE: mode, ...env } }
  })
}

/** Needs Go, and the network the first time. @param message as of `protobufLoop` */
export function franzGoProtobuf(
  name: string,
  mode: 'loop' | 'partition',
  message: string,
): Promise<Entrant> {
  return orLeftOut(name, async () => {
    const program = await buildGoProtobuf(here('franz-go'))
    return { name, command: [program], env: { MODE: mode, MESSAGE: message } }
  })
}

/** No order at all. Needs npm, and the network the first time. */
export function platformaticForEach(name: string, env: Env): Promise<Entrant> {
  return orLeftOut(name, async () => {
    const modules = await installPackages(['@platformatic/kafka@2.12.1', 'hwp@0.5.0'])
    const command = [process.execPath, here('platformatic-for-each.ts')]
    return { name, command, env: { MODULES: modules, ...env } }
  })
}

/** Needs Python 3, and the network the first time. */
export function pythonTutorial(): Promise<Entrant> {
  const name = 'Python tutorial, 4 threads'
  return orLeftOut(name, async () => {
    const python = await installPython(['confluent-kafka==2.11.1', 'lz4==4.4.4'])
    return { name, command: [python, here('tutorial.py')], env: {} }
  })
}

/** Whole messages as objects. @param message its name in the schemas of dev/synthetic */
export function protobufLoop(message: string, fetch: 'default' | 'best'): Contestant {
  return {
    name: `kafkajs loop, protobufjs toObject, ${fetch === 'best' ? '8 MB a partition' : 'default fetch'}`,
    command: [process.execPath, here('protobuf-loop.ts')],
    env: { MESSAGE: message, FETCH: fetch },
  }
}

/** Needs Python 3, and the network the first time. @param module with the class of the messages */
export function pythonProtobuf(module: string, className: string): Promise<Entrant> {
  const name = 'Python, C++ protobuf, fields of events'
  return orLeftOut(name, async () => {
    const python = await installPython([
      'confluent-kafka==2.11.1',
      'bitquery-pb2-kafka-package==0.2.36',
      'base58==2.1.1',
      'protobuf==7.36.2',
    ])
    const env = { MODULE: module, CLASS: className }
    return { name, command: [python, here('protobuf.py')], env }
  })
}

export async function orLeftOut(name: string, make: () => Promise<Contestant>): Promise<Entrant> {
  try {
    return await make()
  } catch (error) {
    const [why = ''] = messageOf(error).split('\n')
    console.log(`${name}: ${why}: left out`)
    return { name, why: `${why}: left out` }
  }
}
