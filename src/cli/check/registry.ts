import type { Config } from '../../config/types.ts'
import { askRegistry } from '../../decode/registry/request.ts'
import { messageOf } from '../../kernel/errors.ts'

/** What keeps the schema registry from answering; none: it answers, or there is none. */
export async function registryProblems({
  decode: { registry },
}: Pick<Config, 'decode'>): Promise<readonly string[]> {
  const { url } = registry
  if (url === undefined) return []
  try {
    await askRegistry('/schemas/types', { ...registry, url })
    return []
  } catch (error) {
    const isUnknownCa = /self-signed certificate|unable to (get|verify)/.test(messageOf(error))
    const remedy = isUnknownCa ? ' Set decode.registry.caFile to the CA of its certificate.' : ''
    return [
      `The schema registry ${url} (decode.registry.url) does not answer: ${messageOf(error)}.${remedy} The service starts without it, and topics wait for their schemas.`,
    ]
  }
}
