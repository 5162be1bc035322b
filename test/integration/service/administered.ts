import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { type Environment, runCommand, startService } from './process.ts'

export const TOKEN = 'a-token-that-nobody-guesses'

/** A ready service that takes commands, and how to give it one. */
export async function startAdministered(
  t: TestContext,
  env: Environment,
  args: readonly string[] = [],
) {
  const tokenFile = join(temporaryFolder(t), 'token')
  await writeFile(tokenFile, `${TOKEN}\n`)
  const service = startService(t, { OCC_ADMIN_TOKEN_FILE: tokenFile, ...env }, args)
  await service.ready()
  const url = await service.url()
  const command = (...given: string[]) =>
    runCommand([...given, '--url', url, '--token-file', tokenFile])
  return { service, command }
}

/** Arguments of a service whose only handler has this name and does nothing. */
export async function withIdleHandler(t: TestContext, name: string): Promise<readonly string[]> {
  const folder = temporaryFolder(t)
  const [path, config] = [join(folder, 'handler.mjs'), join(folder, 'config.yaml')]
  await writeFile(path, `export default { name: '${name}', handle() {} }`)
  await writeFile(config, JSON.stringify({ handlers: [{ path }] }))
  return ['--config', config]
}
