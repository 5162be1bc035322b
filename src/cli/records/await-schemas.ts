import type { Decoder } from '../../decode/types.ts'
import { OccError } from '../../kernel/errors.ts'
import { withDeadline } from '../../kernel/lifecycle.ts'
import type { KafkaRecord } from '../../kernel/shapes/record.ts'

/** Milliseconds for a registry: a command ends, also if none answers. */
const PATIENCE = 15_000

/**
 * Waits until what the records need is loaded, such as schemas of a registry.
 * @throws OccError OCC_REGISTRY_AWAY
 */
export async function awaitSchemas(
  records: readonly KafkaRecord[],
  decoder: Pick<Decoder, 'awaits'>,
): Promise<void> {
  for (const record of records) {
    const awaited = decoder.awaits?.(record) ?? null
    if (awaited === null) continue
    await withDeadline(awaited, PATIENCE, 'loading a schema').catch((cause: unknown) => {
      throw new OccError(
        'OCC_REGISTRY_AWAY',
        `The schema registry (decode.registry.url) has not answered for ${PATIENCE / 1000} s. Start it, or correct its URL, certificate and credentials.`,
        { cause, retriable: true },
      )
    })
  }
}
