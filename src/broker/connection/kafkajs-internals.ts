import { createRequire } from 'node:module'

/**
 * The few insides of kafkajs 2.2.4 that this room reaches into, typed. kafkajs has had no release
 * since 2023 and is pinned to the exact version; test/unit/broker/kafkajs-internals.test.ts fails
 * when one of these is no longer there. Nothing outside of broker/ knows them.
 */
const require = createRequire(import.meta.url)

export interface KafkajsOffset {
  readonly partition: number
  readonly offset: string
  readonly metadata?: string | null
}

export interface KafkajsTopicOffsets {
  readonly topic: string
  readonly partitions: ReadonlyArray<KafkajsOffset>
}

export interface KafkajsBroker {
  offsetFetch(request: {
    groupId: string
    topics: ReadonlyArray<{ topic: string; partitions: ReadonlyArray<{ partition: number }> }>
  }): Promise<{ responses: KafkajsTopicOffsets[] }>
}

export interface KafkajsCluster {
  refreshMetadata(): Promise<void>
  findTopicPartitionMetadata(topic: string): Array<{ partitionId: number; leader: number }>
  fetchTopicsOffset(
    topics: ReadonlyArray<{
      topic: string
      partitions: ReadonlyArray<{ partition: number }>
      fromBeginning: boolean
    }>,
  ): Promise<Array<{ topic: string; partitions: Array<{ partition: number; offset: string }> }>>
}

/** New for every generation; it commits with the generation and member id it was made with. */
export interface KafkajsOffsetManager {
  getCoordinator(): Promise<KafkajsBroker>
  commitOffsets(offsets: { topics: KafkajsTopicOffsets[] }): Promise<void>
  committedOffsets(): Record<string, Record<number, string>>
  nextOffset(topic: string, partition: number): { toString(): string }
  seek(position: { topic: string; partition: number; offset: string }): Promise<void>
}

export interface KafkajsConsumerGroup {
  readonly cluster: KafkajsCluster
  readonly groupId: string
  memberId: string | null
  /** Milliseconds; read for each fetch. */
  maxWaitTime: number
  readonly generationId: number
  readonly offsetManager: KafkajsOffsetManager
  assigned(): Array<{ topic: string; partitions: number[] }>
}

export interface KafkajsCodec {
  compress(encoder: { buffer: Buffer }): Promise<Buffer>
  decompress(buffer: Buffer): Promise<Buffer>
}

interface Patchable {
  joinAndSync(this: KafkajsConsumerGroup): Promise<void>
  recoverFromOffsetOutOfRange(
    this: KafkajsConsumerGroup,
    error: { topic: string; partition: number },
  ): Promise<void>
}

export interface KafkajsRequestQueue {
  throttledUntil: number
  throttleCheckTimeoutId: NodeJS.Timeout | null
  readonly pending: unknown[]
  checkPendingRequests(): void
  scheduleCheckPendingRequests(this: KafkajsRequestQueue): void
}

/** One socket. Its response in progress: `chunks` holds `bytesBuffered` of `bytesNeeded` bytes. */
export interface KafkajsConnection {
  chunks: Buffer[]
  bytesBuffered: number
  bytesNeeded: number
  readonly authHandlers: object | null
  processData(chunk: Buffer): void
  disconnect(): Promise<boolean>
}

export const connectionPrototype: KafkajsConnection =
  require('kafkajs/src/network/connection').prototype
export const consumerGroupPrototype: Patchable =
  require('kafkajs/src/consumer/consumerGroup').prototype
export const requestQueuePrototype: KafkajsRequestQueue =
  require('kafkajs/src/network/requestQueue').prototype
/** Exported by kafkajs, but in a way that Node does not see as a named export. */
export const compressionCodecs: Record<number, () => KafkajsCodec> =
  require('kafkajs').CompressionCodecs
export const topicConfigType: number = require('kafkajs').ConfigResourceTypes.TOPIC
export const kafkajsVersion: string = require('kafkajs/package.json').version
