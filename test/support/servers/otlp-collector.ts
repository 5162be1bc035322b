import type { RequestListener } from 'node:http'
import { json } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import { startHttpServer } from './http-server.ts'

/** A span as OTLP writes it in JSON, with its attributes as an object. */
export interface CollectedSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly status: { readonly code?: number; readonly message?: string }
  readonly links?: ReadonlyArray<{ readonly traceId: string; readonly spanId: string }>
  readonly attributes: Readonly<Record<string, unknown>>
  /** Of the resource. */
  readonly service: unknown
}

export interface OtlpCollector {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly url: string
  readonly spans: readonly CollectedSpan[]
}

interface Attribute {
  readonly key: string
  readonly value: Readonly<Record<string, unknown>>
}

type WireSpan = Omit<CollectedSpan, 'attributes' | 'service'> & { readonly attributes: Attribute[] }

interface Request {
  readonly resourceSpans: ReadonlyArray<{
    readonly resource: { readonly attributes: readonly Attribute[] }
    readonly scopeSpans: ReadonlyArray<{ readonly spans: readonly WireSpan[] }>
  }>
}

/** Reads traces as OTLP over HTTP in JSON, as a collector does; gone with the test. */
export async function startOtlpCollector(t: Pick<TestContext, 'after'>): Promise<OtlpCollector> {
  const spans: CollectedSpan[] = []
  const listener: RequestListener = async (request, response) => {
    const { resourceSpans } = (await json(request)) as Request
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = valuesOf(resource.attributes)['service.name']
      for (const span of scopeSpans.flatMap((scope) => scope.spans)) {
        spans.push({ ...span, attributes: valuesOf(span.attributes), service })
      }
    }
    const isTraces = request.url === '/v1/traces'
    response.writeHead(isTraces ? 200 : 404, { 'content-type': 'application/json' }).end('{}')
  }
  return { url: await startHttpServer(t, listener), spans }
}

function valuesOf(attributes: readonly Attribute[]): Record<string, unknown> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => {
      const [one] = Object.values(value)
      return [key, 'intValue' in value ? Number(one) : one]
    }),
  )
}
