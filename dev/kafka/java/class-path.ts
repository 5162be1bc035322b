import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { CodedError, codeOf, type OccError } from '../../../src/kernel/errors.ts'

const run = promisify(execFile)
const POM = join(import.meta.dirname, '../pom.xml')
const CACHE = join(import.meta.dirname, '../../..', '.cache', 'kafka')

/** The dependencies of one pom.xml, resolved once and kept in their own folder. */
export interface KafkaFiles {
  /** Java class path, ready for -cp. */
  readonly classPath: string
  /** Folder for other files kept between runs of this Kafka version. */
  readonly cache: string
}

let resolved: Promise<KafkaFiles> | undefined

/**
 * Kafka's class path, from `.cache/kafka/<hash of pom.xml>/` or, the first time, from Maven.
 * @throws OccError OCC_MAVEN_MISSING, OCC_MAVEN_FAILED
 */
export function kafkaFiles(): Promise<KafkaFiles> {
  resolved ??= resolveFiles().catch((error: unknown) => {
    resolved = undefined
    throw error
  })
  return resolved
}

async function resolveFiles(): Promise<KafkaFiles> {
  const hash = createHash('sha256')
    .update(await readFile(POM))
    .digest('hex')
    .slice(0, 12)
  const cache = join(CACHE, hash)
  const stamp = join(cache, 'class-path.txt')
  const kept = await readIfComplete(stamp)
  if (kept !== undefined) return { classPath: kept, cache }
  await mkdir(cache, { recursive: true })
  // Renamed into place, so that a concurrent process never sees half a file.
  const draft = `${stamp}.${process.pid}`
  await resolveByMaven(draft)
  await rename(draft, stamp)
  const fresh = await readIfComplete(stamp)
  if (fresh === undefined) throw failedMaven('it left out some jar files')
  return { classPath: fresh, cache }
}

/** The jars are in Maven's own repository; if it was emptied, the stamp is invalid. */
async function readIfComplete(stamp: string): Promise<string | undefined> {
  if (!existsSync(stamp)) return undefined
  const classPath = (await readFile(stamp, 'utf8')).trim()
  return classPath !== '' && classPath.split(delimiter).every((jar) => existsSync(jar))
    ? classPath
    : undefined
}

async function resolveByMaven(output: string): Promise<void> {
  const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath'
  const args = [
    '-B',
    '-q',
    '-f',
    POM,
    goal,
    '-DincludeScope=runtime',
    `-Dmdep.outputFile=${output}`,
  ]
  try {
    await run('mvn', args, { maxBuffer: 64 * 1024 * 1024 })
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') {
      throw new CodedError(
        'OCC_MAVEN_MISSING',
        'Apache Kafka is fetched by Maven the first time and there is no "mvn" on the PATH: ' +
          'install one (Debian: apt-get install maven)',
        { cause },
      )
    }
    throw failedMaven(firstError(cause), cause)
  }
}

function firstError(cause: unknown): string {
  const output = cause instanceof Error && 'stdout' in cause ? String(cause.stdout) : ''
  const line = /^\[ERROR\] (.*?)(?: -> \[Help \d+\])?$/m.exec(output)?.[1]
  return line ?? 'it printed no error'
}

function failedMaven(reason: string, cause?: unknown): OccError {
  return new CodedError(
    'OCC_MAVEN_FAILED',
    `Maven could not fetch Apache Kafka: ${reason}; run "mvn -f ${POM} dependency:resolve" to see ` +
      'why (network, proxy, repository settings)',
    { cause, retriable: true },
  )
}
