import { choice, duration, file, integer, optional, section, setting, text } from './fields.ts'

const logSinkSection = section('Handled records as log lines.', {
  mode: setting(choice(['off', 'every']), {
    description: 'Whether handled records are logged.',
    default: 'every',
  }),
  every: setting(integer(1, 1_000_000_000), {
    description: 'With `mode: every`: 1 logs each record, n every n-th.',
    default: 1000,
  }),
})

export const sinkSection = section('Where results go.', {
  log: logSinkSection.prefault({}),
})

export const httpSection = section('Health, metrics and status.', {
  host: setting(text(), { description: 'Address to listen on.', default: '0.0.0.0' }),
  port: setting(integer(0, 65_535), {
    description: 'Port to listen on; 0 takes a free one.',
    env: 'HTTP_PORT',
    default: 8080,
  }),
  livenessMaxAge: setting(duration('1s', '1h'), {
    description: '`/healthz` fails when the loop has not turned for this long.',
    default: '120s',
  }),
})

export const adminSection = section('Pausing and resuming by HTTP (docs/admin.md).', {
  tokenFile: optional(file(), {
    description:
      'File that holds the token which requests to `/admin/...` must bear, at least 16 characters; read at each request, so a rotated Secret counts. Without it nobody can use them.',
    example: '/etc/onchain-consumer/admin/token',
  }),
})

export const lagSection = section('How far behind the consumer is.', {
  interval: setting(duration('100ms', '1h'), {
    description: 'How often end offsets are asked for.',
    default: '10s',
  }),
})

export const logSection = section('The log of the service.', {
  level: setting(choice(['trace', 'debug', 'info', 'warn', 'error', 'fatal']), {
    description: 'Least level that is logged.',
    default: 'info',
    live: true,
  }),
  format: setting(choice(['json', 'text']), {
    description: '`json`: one document a line; `text`: for reading on a terminal.',
    default: 'json',
  }),
})
