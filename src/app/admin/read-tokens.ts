import { readAdminTokens } from '../../config/admin-tokens.ts'
import type { Config } from '../../config/types.ts'
import type { AcceptedToken } from '../../http/admin-guard.ts'
import { codeOf, messageOf } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import type { Clock } from '../../kernel/time/clock.ts'
import { Repeats } from '../../kernel/time/repeats.ts'

/**
 * Reads the tokens of the API from their files, at each request. An unusable one for reading locks no
 * operator out. What is returned throws an OccError if no file is usable.
 */
export function createTokenReader(
  { admin: { tokenFile, readTokenFile } }: Pick<Config, 'admin'>,
  clock: Clock,
  log: Log,
): () => AcceptedToken[] {
  const repeats = new Repeats(1)
  return () => {
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
      repeats.say('', clock.monotonic(), (again) =>
        log.error(
          { event: 'admin.token-unusable', code: codeOf(error) },
          `${messageOf(error)}${again}`,
        ),
      )
    }
    return tokens
  }
}
