import {
  boolean,
  checked,
  choice,
  duration,
  file,
  integer,
  list,
  optional,
  section,
  setting,
  text,
} from './fields.ts'
import { checkAddress, checkPeer } from './names.ts'

const logSinkSection = section('Handled records as log lines.', {
  mode: optional(choice(['off', 'every']), {
    description:
      'Whether handled records are logged: with their keys and values. Without it: only if `every` is set.',
    example: 'every',
  }),
  every: optional(integer(1, 1_000_000_000), {
    description: '1 logs every record, n every n-th one. With `mode: every` alone: 1000.',
    example: 1000,
  }),
})

export const sinkSection = section('Where results go.', {
  log: logSinkSection.prefault({}),
})

export const httpSection = section('Health, metrics and status.', {
  host: setting(text(), { description: 'Address to listen on.', default: '0.0.0.0' }),
  port: setting(integer(0, 65_535), {
    description: 'Port to listen on; 0 picks a free one.',
    env: 'HTTP_PORT',
    default: 8080,
  }),
  peers: optional(list('names', checkPeer, 0), {
    description:
      'Where the other pods of this release are: names that resolve to all of them, such as a headless Service, each with or without a port (default: `http.port`). A change of offsets is passed on to them, with the token of `admin.tokenFile`, and the status page shows their partitions. Without it, or with an empty list, a pod changes and shows only what it has itself. The chart names its own headless Service, unless this key is given.',
    example: ['onchain-consumer-peers.default.svc'],
  }),
  page: setting(boolean(), {
    description:
      'Whether `/` is the status page (docs/page.md): topics, handlers, sinks and error codes, no records. Without it, a list of the endpoints.',
    default: true,
  }),
  pageActions: setting(boolean(), {
    description:
      'Whether operators can act on the status page, with a token of `admin.tokenFile`: pause, resume, set offsets. Without such a token the page only shows.',
    default: true,
  }),
  tap: setting(boolean(), {
    description:
      'Whether people can look at records on their way to the handlers, with a token: on the status page and at `/api/v1/tap`. Nobody can where no token is set (`admin.tokenFile`, `admin.readTokenFile`).',
    default: true,
  }),
  tapValues: setting(boolean(), {
    description:
      'Whether the tap shows keys, addresses, amounts, ids and values. Without them it shows where a record is, and the kind, chain, asset and time of its events.',
    default: true,
  }),
  runbook: optional(checked(text(), checkAddress), {
    description:
      'Where people can read docs/operations.md: the page links to its chapters. Without it, it only names them.',
    example: 'https://wiki.example.com/onchain-consumer/operations',
  }),
  livenessMaxAge: setting(duration('1s', '1h'), {
    description:
      '`/healthz` fails when the loop of a member has not completed a turn for this long.',
    default: '120s',
  }),
})

export const adminSection = section('The API: pause, resume, offsets (docs/admin.md).', {
  tokenFile: optional(file(), {
    description:
      'File with the token that requests to `/admin/...` and `/api/v1/...` must carry (all but `/api/v1/status`), at least 16 characters; or with lines `name: token`; or a folder with a file for each name. It is read at each request, so a rotated Secret takes effect at once. Without it every such request is refused, and nothing that was paused is.',
    example: '/etc/onchain-consumer/admin/token',
  }),
  readTokenFile: optional(file(), {
    description:
      'The same for tokens that may only read: the state, the offsets, and records through the tap (`http.tap`). Everything else needs one of `admin.tokenFile`.',
    example: '/etc/onchain-consumer/admin/read-token',
  }),
})

export const lagSection = section('How far behind the consumer is.', {
  interval: setting(duration('100ms', '1h'), {
    description: 'How often the end offsets are read.',
    default: '10s',
  }),
})

export const logSection = section('The log of the service.', {
  level: setting(choice(['trace', 'debug', 'info', 'warn', 'error', 'fatal']), {
    description: 'Min level that is logged.',
    default: 'info',
    live: true,
  }),
  format: setting(choice(['json', 'text']), {
    description: '`json`: one JSON document a line; `text`: for reading in a terminal.',
    default: 'json',
  }),
})
