import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

const execute = promisify(execFile)
const CACHE = join(import.meta.dirname, '..', '.cache', 'bench-java')
const GOAL = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath'

/**
 * Compiles a Java source against what the pom.xml beside it names; both are done once, and kept in
 * `.cache/bench-java/` until one of the two files changes. Needs `mvn` and `javac`.
 * Resolves with the class path, ready for -cp; rejects with what is missing.
 */
export async function compileJava(folder: string, source: string): Promise<string> {
  const pom = join(folder, 'pom.xml')
  const file = join(folder, source)
  const hash = createHash('sha256')
  for (const path of [pom, file]) hash.update(await readFile(path))
  const target = join(CACHE, hash.digest('hex').slice(0, 12))
  const stamp = join(target, 'class-path.txt')
  if (existsSync(stamp)) return await readFile(stamp, 'utf8')
  console.log(`Fetching and compiling what ${source} needs (once) ...`)
  await mkdir(target, { recursive: true })
  const draft = join(target, 'jars.txt')
  await execute('mvn', ['-B', '-q', '-f', pom, GOAL, `-Dmdep.outputFile=${draft}`])
  const classPath = [target, (await readFile(draft, 'utf8')).trim()].join(delimiter)
  await execute('javac', ['-d', target, '-cp', classPath, file])
  await writeFile(stamp, classPath)
  return classPath
}
