import { readAdminTokens } from '../../config/admin-tokens.ts'
import type { Config } from '../../config/types.ts'
import type { AcceptedToken } from '../../http/admin-guard.ts'
import { codeOf, messageOf } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'

/**
 * The tokens of the API, read from their files. An unusable one for reading locks no operator out.
 * @throws OccError if no file is usable
 */
export function readTokens({ admin }: Pick<Config, 'admin'>, log: Log): AcceptedToken[] {
  const { tokenFile, readTokenFile } = admin
  const tokens: AcceptedToken[] = []
  if (tokenFile !== undefined) {
    for (const each of readAdminTokens(tokenFile, 'admin.tokenFile', 'operator')) {
      tokens.push({ ...each, right: 'operate' })
    }
  }
  if (readTokenFile === undefined) return tokens
  try {
    for (const each of readAdminTokens(readTokenFile, 'admin.readTokenFile', 'reader')) {
      tokens.push({ ...each, right: 'read' })
    }
  } catch (error) {
    if (tokens.length === 0) throw error
    log.error({ event: 'admin.token-unusable', code: codeOf(error) }, messageOf(error))
  }
  return tokens
}
