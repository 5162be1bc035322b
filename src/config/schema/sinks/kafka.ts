import * as z from 'zod'
import { checked, choice, list, text } from '../fields.ts'
import { checkBroker, checkTopic } from '../names.ts'
import { createSaslSection, createTlsSection, PROTOCOLS } from '../security.ts'
import type { SinkSchema } from './sink-schema.ts'

const CLUSTER = 'sinks.<name>'

export const kafka = {
  form: '{type: kafka, topic, brokers, securityProtocol, sasl, tls}',
  about:
    '`kafka`: a topic of the same cluster, or of another one with `brokers` and the same security keys as the section kafka.',
  schema: z.strictObject({
    type: z.literal('kafka'),
    topic: checked(text('name the topic to write'), checkTopic),
    brokers: list('brokers', checkBroker).optional(),
    securityProtocol: choice(PROTOCOLS).prefault('PLAINTEXT'),
    sasl: createSaslSection(CLUSTER, false).prefault({}),
    tls: createTlsSection(CLUSTER, false).prefault({}),
  }),
} as const satisfies SinkSchema
