// Sends the traces of the service to a collector, as OTLP over HTTP. docs/tracing.md says how to load it:
// with NODE_OPTIONS=--import, in the service and, by itself, in each of its worker threads.
// OTEL_EXPORTER_OTLP_ENDPOINT and its like, OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES apply.
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { defaultResource, detectResources, envDetector } from '@opentelemetry/resources'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'

context.setGlobalContextManager(new AsyncLocalStorageContextManager())
trace.setGlobalTracerProvider(
  new TracerProvider({
    resource: defaultResource().merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
  }),
)
// No handler of signals here: the service drains first, and sends the last spans itself.
