import { OccError } from '../kernel/errors.ts'
import type { Destination } from './dlq-destination.ts'
import type { OpenedStore } from './dlq-store.ts'

export async function openHandlers(_opened: OpenedStore): Promise<Destination> {
  throw new OccError('OCC_REDRIVE_HANDLERS', '--to-handlers is not there yet')
}
