import { choice, integer, section, setting } from './fields.ts'

export const tracingSection = section(
  'Traces, for an OpenTelemetry SDK that is loaded beside the service (docs/tracing.md). Without one, nothing is traced.',
  {
    every: setting(integer(0, 1_000_000_000), {
      description:
        'One call of a handler in so many begins a trace, at random: 1000 is 0.1 %, 1 is all, 0 none. A call that fails has a span in any case.',
      default: 1000,
    }),
    maxPerSecond: setting(integer(0, 1_000_000), {
      description:
        'Maximum traces a second and thread, failed calls and sampled records included; what is above has no spans. 0: no limit.',
      default: 100,
    }),
    parents: setting(choice(['follow', 'link']), {
      description:
        'What a record with a `traceparent` does. `follow`: its call is part of that trace if that is sampled, and has no span if not. `link`: its call is sampled as any other and only linked to that trace, as is right for a stream of somebody else.',
      default: 'follow',
    }),
  },
)
