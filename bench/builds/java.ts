import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { contentsOf, keptBuild } from './kept-build.ts'

const execute = promisify(execFile)
const GOAL = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath'

/**
 * Compiles Java sources, if there are any, against what the folder's pom.xml names; both are done once, and kept until
 * one of the files changes. Needs `mvn` and `javac`.
 * Resolves with the class path, ready for -cp; rejects with what is missing.
 */
export async function compileJava(folder: string, sources: readonly string[]): Promise<string> {
  const pom = join(folder, 'pom.xml')
  return await keptBuild('java', await contentsOf([pom, ...sources]), async (target) => {
    console.log(`Fetching and compiling what ${folder} needs (once) ...`)
    const jars = join(target, 'jars.txt')
    await execute('mvn', ['-B', '-q', '-f', pom, GOAL, `-Dmdep.outputFile=${jars}`])
    const classPath = [target, (await readFile(jars, 'utf8')).trim()].join(delimiter)
    if (sources.length > 0) await execute('javac', ['-d', target, '-cp', classPath, ...sources])
    return classPath
  })
}
