import { stringify } from 'yaml'
import { DEFAULT_FILE } from '../../src/config/load/yaml-file.ts'
import { propertyRules } from '../../src/config/properties/index.ts'
import { type Field, sections } from '../../src/config/schema/catalog.ts'
import { table } from './chapters.ts'

const GENERATED = 'Generated from the schema in src/config by `npm run docs`.'

/** docs/configuration.md: every key with its form, default, variable and meaning. */
export function configurationDocs(): string {
  return [
    '# Configuration',
    '',
    `<!-- ${GENERATED} -->`,
    '',
    INTRODUCTION,
    ...sections.filter(({ fields }) => fields.length > 0).flatMap(sectionDocs),
    ...propertyDocs(),
    '',
  ].join('\n')
}

const INTRODUCTION = `Settings come from three layers; each one beats those below it:

1. Environment variables. An empty one counts as unset.
2. The YAML file: \`--config FILE\`, else the file that \`OCC_CONFIG\` names, else
   \`${DEFAULT_FILE}\` if it is there.
3. The defaults.

Everything is checked before anything is connected, and all mistakes are told in one message:
unknown keys and unknown \`OCC_*\` variables are mistakes too. \`onchain-consumer check --config FILE\`
does it without starting the service, and then asks the cluster (\`--offline\` leaves that out).

- Durations are milliseconds, or \`500ms\`, \`45s\`, \`5m\`, \`1h\`.
- Sizes are bytes, or \`1MB\`, \`8MiB\`, \`64Ki\`.
- Lists can be one text with commas.
- Secrets are read from files only, which a Kubernetes Secret is mounted as.
- Relative paths in the file begin in its folder, those of variables in the working directory.

The file is looked at once a second while the service runs. Keys marked **Live** count as soon as it
has changed; of others the log names what waits for a restart, and
\`onchain_consumer_config_pending_restart\` is 1. A file that is not valid changes nothing:
\`onchain_consumer_config_valid\` is 0, and the log says why. [admin.md](admin.md) says more.

[reference-config.yaml](reference-config.yaml) holds every key with its default.`

function sectionDocs({ key, description, fields }: (typeof sections)[number]): string[] {
  const rows = fields.map((field) => [
    `\`${field.key}\``,
    field.form,
    defaultOf(field),
    field.env === undefined ? '' : `\`${field.env}\``,
    field.live ? `**Live.** ${field.description}` : field.description,
  ])
  const introduction = description === '' ? [] : [description, '']
  return ['', `## ${key}`, '', ...introduction, ...table([HEADER, ...rows])]
}

const HEADER = ['Key', 'Form', 'Default', 'Environment', 'Meaning']

function defaultOf({ required, default: value }: Field): string {
  if (required) return '**required**'
  return value === undefined ? 'none' : `\`${JSON.stringify(value)}\``
}

function propertyDocs(): string[] {
  const rows = [...propertyRules.values()]
    .map(({ name, meaning }) => [`\`${name}\``, meaning])
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1))
  return [
    '',
    '## Properties of other clients',
    '',
    'Under `kafka.properties` the names of librdkafka and of the Java client can be pasted. One that',
    'contradicts a key of the file is an error; environment variables beat both.',
    '',
    ...table([['Property', 'Becomes'], ...rows]),
  ]
}

/** docs/reference-config.yaml: loads as it is; what has no default is commented out. */
export function referenceConfig(): string {
  const lines = [`# Every key with its default. ${GENERATED}`]
  for (const { key, description, fields } of sections) {
    const path = key.split('.')
    const indent = '  '.repeat(path.length - 1)
    if (path.length === 1) lines.push('')
    const [first] = fields
    if (first?.key === key) {
      lines.push(...entry(first, ''))
      continue
    }
    lines.push(...comment(description, indent), `${indent}${path.at(-1)}:`)
    lines.push(...fields.flatMap((field) => entry(field, `${indent}  `)))
  }
  return `${lines.join('\n')}\n`
}

const YAML_STYLE = { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 } as const

/** What the reference sets; required keys have no default, so their example stands there. */
function value({ required, example, default: initial }: Field): unknown {
  return required ? example : initial
}

function entry(field: Field, indent: string): string[] {
  const set = value(field)
  const shown = set === undefined ? field.example : set
  const text = stringify(shown, YAML_STYLE).trim()
  const facts = [
    field.required ? 'Required' : undefined,
    field.live ? 'live' : undefined,
    field.form,
    field.env,
  ]
  const about = `${field.description} (${facts.filter((fact) => fact !== undefined).join('; ')})`
  const line = `${indent}${set === undefined ? '# ' : ''}${field.path.at(-1)}: ${text}`
  return [...comment(about, indent), line]
}

const WIDTH = 100

function comment(text: string, indent: string): string[] {
  const lines: string[] = []
  let line = `${indent}#`
  for (const word of text.split(' ')) {
    if (line.length + word.length + 1 > WIDTH) {
      lines.push(line)
      line = `${indent}#`
    }
    line += ` ${word}`
  }
  return [...lines, line]
}
