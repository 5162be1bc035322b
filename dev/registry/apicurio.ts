import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CodedError, messageOf } from '../../src/kernel/errors.ts'
import { sleep } from '../../src/kernel/lifecycle.ts'
import { findJava } from '../kafka/java/java.ts'
import { launchJvm } from '../kafka/java/jvm.ts'
import { freePorts } from '../kafka/nodes/ports.ts'

const VERSION = '2.6.13.Final'
const CACHE = join(import.meta.dirname, '..', '..', '.cache', 'registry', VERSION)
const JAR = join(CACHE, `apicurio-registry-app-${VERSION}-runner.jar`)
const UNPACK = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:unpack'

export interface Apicurio {
  /** Of its API that is Confluent's. */
  readonly url: string
  readonly port: number
  stop(): Promise<void>
}

/**
 * A schema registry that speaks Confluent's HTTP API, with its schemas in memory. Fetched by Maven
 * the first time: 140 MB.
 */
export async function startApicurio(): Promise<Apicurio> {
  const [java, [port = 0]] = await Promise.all([findJava(), freePorts(1), fetchApicurio()])
  const args = ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC']
  const settings = { 'http.host': '127.0.0.1', 'http.port': port, 'log.level': 'ERROR' }
  for (const [name, value] of Object.entries(settings)) args.push(`-Dquarkus.${name}=${value}`)
  const jvm = launchJvm(java.command, { args: [...args, '-jar', JAR] })
  let said = ''
  for (const stream of [jvm.process.stdout, jvm.process.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said = `${said}${text}`.slice(-4_000)
    })
  }
  let isOver = false
  void jvm.exited.finally(() => {
    isOver = true
  })
  const url = `http://127.0.0.1:${port}/apis/ccompat/v7`
  while (!(await answers(`${url}/subjects`))) {
    if (isOver) throw new CodedError('OCC_APICURIO', `the schema registry ended: ${said}`)
    await sleep(100)
  }
  return {
    url,
    port,
    async stop() {
      jvm.process.kill('SIGKILL')
      await jvm.exited
    },
  }
}

async function answers(url: string): Promise<boolean> {
  return await fetch(url).then(
    ({ ok }) => ok,
    () => false,
  )
}

async function fetchApicurio(): Promise<void> {
  if (existsSync(JAR)) return
  const draft = `${CACHE}.${process.pid}`
  await mkdir(draft, { recursive: true })
  const artifact = `io.apicurio:apicurio-registry-app:${VERSION}:tar.gz:all`
  try {
    const args = ['-B', '-q', UNPACK, `-Dartifact=${artifact}`, `-DoutputDirectory=${draft}`]
    await promisify(execFile)('mvn', args, { cwd: draft })
  } catch (cause) {
    const text = `Maven could not fetch the schema registry ${artifact}: ${messageOf(cause)}`
    throw new CodedError('OCC_MAVEN_FAILED', text, { cause, retriable: true })
  }
  // Renamed into place, so that a concurrent process never sees half of it.
  await rename(draft, CACHE).catch(() => rm(draft, { recursive: true, force: true }))
}
