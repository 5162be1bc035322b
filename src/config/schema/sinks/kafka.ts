import * as z from 'zod'
import { compressions } from '../../../kernel/compression.ts'
import { checked, choice, list, text } from '../fields.ts'
import { checkBroker, checkTopic } from '../names.ts'
import { createSaslSection, createTlsSection, PROTOCOLS } from '../security.ts'
import { fallback, type SinkSchema } from './sink-schema.ts'

const CLUSTER = 'sinks.<name>'

export const kafka = {
  form: '{type: kafka, topic, compression, brokers, securityProtocol, sasl, tls, fallback}',
  about:
    '`kafka`: a topic, its batches compressed with `compression` (none by default; gzip, snappy, lz4 or zstd), of the same cluster, or of another one with `brokers` and the same security keys as the section kafka.',
  schema: z.strictObject({
    type: z.literal('kafka'),
    topic: checked(text('name the topic to write'), checkTopic),
    compression: choice(compressions).prefault('none'),
    brokers: list('brokers', checkBroker).optional(),
    securityProtocol: choice(PROTOCOLS).prefault('PLAINTEXT'),
    sasl: createSaslSection(CLUSTER, false).prefault({}),
    tls: createTlsSection(CLUSTER, false).prefault({}),
    fallback,
  }),
} as const satisfies SinkSchema
