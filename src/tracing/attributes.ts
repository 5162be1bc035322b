/**
 * Names of OpenTelemetry's semantic conventions. Those of messaging are in development: a release
 * of the conventions may rename them. `error.type` is stable. docs/tracing.md lists them.
 */
export const SYSTEM = 'messaging.system'
export const OPERATION_NAME = 'messaging.operation.name'
export const OPERATION_TYPE = 'messaging.operation.type'
export const DESTINATION = 'messaging.destination.name'
export const PARTITION = 'messaging.destination.partition.id'
export const OFFSET = 'messaging.kafka.offset'
export const GROUP = 'messaging.consumer.group.name'
export const BATCH_SIZE = 'messaging.batch.message_count'
export const ERROR_TYPE = 'error.type'

/** Names of our own. */
export const HANDLER = 'onchain_consumer.handler'
export const ATTEMPT = 'onchain_consumer.attempt'
export const OUTCOME = 'onchain_consumer.outcome'
export const REASON = 'onchain_consumer.reason'
export const SINK = 'onchain_consumer.sink'
export const SINK_TYPE = 'onchain_consumer.sink.type'
export const PARTITIONS = 'onchain_consumer.partitions'

/** Links of a span: what an SDK keeps by default. */
export const MAX_LINKS = 128
