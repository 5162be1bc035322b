import type { Log } from '../../kernel/log.ts'
import type { Clock } from '../../kernel/time/clock.ts'
import type { Links } from '../cluster/links.ts'
import type { Metadata } from '../cluster/metadata.ts'
import type { MemberListener, MemberOptions } from '../types.ts'
import type { BatchReader } from './take-batches.ts'

/** What the parts of fetching share. */
export interface FetchingParts {
  readonly options: MemberOptions
  readonly links: Links
  readonly metadata: Metadata
  readonly listener: MemberListener
  readonly reader: BatchReader
  readonly requestTimeout: number
  readonly clock: Clock
  readonly log: Log
  turn(): void
}
