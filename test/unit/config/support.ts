import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { formatProblems } from '../../../src/config/check/problems.ts'
import { type LoadOptions, type LoadResult, loadConfig } from '../../../src/config/load/load.ts'
import type { Config } from '../../../src/config/types.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

/** The smallest configuration that loads. */
export const MIN = { KAFKA_TOPICS: 'solana.transfers', KAFKA_GROUP_ID: 'group' }

/** A temporary folder of the test with these files; deleted afterwards. */
export function folder(t: TestContext, files: Readonly<Record<string, string>> = {}): string {
  const path = temporaryFolder(t)
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true })
    writeFileSync(join(path, name), content)
  }
  return path
}

/** Loads this environment, without the variables of the machine. */
export function loadEnv(
  env: Readonly<Record<string, string | undefined>>,
  options: Partial<LoadOptions> = {},
): LoadResult {
  return loadConfig({ defaultFile: '/nowhere/config.yaml', env, ...options })
}

/** Loads this YAML text, with the smallest environment that loads unless another is given. */
export function loadYaml(
  t: TestContext,
  yaml: string,
  env: Readonly<Record<string, string | undefined>> = MIN,
): LoadResult {
  const path = folder(t, { 'config.yaml': yaml })
  return loadEnv(env, { file: join(path, 'config.yaml'), cwd: path })
}

export function configOf(result: LoadResult): Config {
  if (!result.ok) throw new Error(formatProblems(result.problems))
  return result.config
}

/** `key: message` of each problem, for short comparisons. */
export function problemsOf(result: LoadResult): string[] {
  return result.ok ? [] : result.problems.map(({ key, message }) => `${key}: ${message}`)
}

export function warningsOf(result: LoadResult): string[] {
  return result.warnings.map(({ key, message }) => `${key}: ${message}`)
}

/** Everything a user would see. */
export function textOf(result: LoadResult): string {
  const problems = result.ok ? '' : formatProblems(result.problems)
  return `${problems}\n${formatProblems(result.warnings, 'warning')}`
}
