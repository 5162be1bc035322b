import type { FlagTable } from '../arguments.ts'

/** How a command names services. */
export const reachFlags = {
  url: { value: 'URL,...', about: 'addresses of the services: http://HOST:PORT of each pod' },
  release: {
    value: 'NAME',
    about: 'instead of --url: this release of the chart, in the cluster of the kubeconfig',
  },
  namespace: {
    value: 'NAME',
    about: "of --release; default: that of the kubeconfig's context",
  },
} as const satisfies FlagTable

export const tokenFlag = {
  'token-file': {
    value: 'FILE',
    about: 'file with the token of admin.tokenFile; with --release: default: its Secret',
  },
} as const satisfies FlagTable

export const statusFlags = {
  ...reachFlags,
  watch: { about: 'again and again, until Ctrl-C' },
  interval: { value: 'TIME', about: 'with --watch: time between two looks; default: 2s' },
  json: { about: 'as one JSON object a service' },
} as const satisfies FlagTable

export const tapFlags = {
  topic: { value: 'NAME', about: 'only records of this topic' },
  handler: { value: 'NAME', about: 'only records that this handler is called with' },
  filter: {
    value: 'JSON',
    about:
      'only records with an event that passes: kinds, chains, addresses,\naddressRole, assets, minAmount, success (docs/handlers.md)',
  },
  count: { value: 'N', about: 'stop after N records' },
  ...reachFlags,
  ...tokenFlag,
} as const satisfies FlagTable

const target = {
  topic: { value: 'NAME', about: 'the topic' },
  partition: { value: 'N', about: 'only this partition of the topic' },
  handler: { value: 'NAME', about: 'the handler' },
} as const

const reach = {
  reason: { value: 'TEXT', about: 'why: for the log, status and /lag' },
  ...reachFlags,
  ...tokenFlag,
} as const

export const pauseFlags = {
  ...target,
  for: { value: 'TIME', about: 'how long: 90s, 30m, 12h, 7d; default: until resume' },
  until: { value: 'TIME', about: 'when it ends: ISO 8601 with a zone' },
  ...reach,
} as const satisfies FlagTable

export const resumeFlags = { ...target, ...reach } as const satisfies FlagTable
