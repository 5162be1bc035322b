export const statusFlags = {
  url: { value: 'URL,...', about: 'addresses of the services: http://HOST:PORT of each pod' },
  watch: { about: 'again and again, until Ctrl-C' },
  interval: { value: 'TIME', about: 'with --watch: time between two looks; default: 2s' },
  json: { about: 'as one JSON object a service' },
} as const
