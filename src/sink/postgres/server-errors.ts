import type { ErrorCode } from '../../kernel/error-codes/index.ts'
import { codeOf, messageOf, OccError } from '../../kernel/errors.ts'

const RULES: ReadonlyArray<readonly [pattern: RegExp, code: ErrorCode, remedy: string]> = [
  [
    /^(28P01|28000|3D000)$/,
    'OCC_POSTGRES_LOGIN',
    'check user, password and database in the file of {section}.urlFile',
  ],
  [
    /^42501$/,
    'OCC_POSTGRES_RIGHTS',
    'grant this user the rights on the table of {section}.table, or let its owner create it',
  ],
  [/^42P01$/, 'OCC_POSTGRES_TABLE', 'create the table: {create}'],
  [/^3F000$/, 'OCC_POSTGRES_TABLE', 'create the schema, or correct {section}.table'],
  [
    /^25006$/,
    'OCC_POSTGRES_READ_ONLY',
    'the server refuses writes: it is a standby, or a failover is under way. Name the primary in the file of {section}.urlFile',
  ],
  [
    /^(42703|42804|42P10)$/,
    'OCC_POSTGRES_COLUMNS',
    'compare {section} with the table: the names and types of the columns, and the unique index on the key',
  ],
  // 21000: two rows of one statement with the same key. 44000 and P0001: a view's check, a trigger.
  [
    /^(21000|44000|P0001|(22|23|54)[0-9A-Z]{3})$/,
    'OCC_POSTGRES_VALUE',
    'this is what the table of {section}.table cannot hold; compare it with {docs}',
  ],
  [/^(53100|53200)$/, 'OCC_POSTGRES_FULL', 'the database has no room left'],
  [
    /^(40P01|40001)$/,
    'OCC_POSTGRES_CONFLICT',
    'it was run again many times. Find in the log of the server who locks the same rows in another order, or changes them all the time',
  ],
  [/^57014$/, 'OCC_POSTGRES_TIMEOUT', 'the database is slow, or raise {section}.statementTimeout'],
  [
    /CERT|SSL|TLS|certificate/i,
    'OCC_POSTGRES_TLS',
    "name the server's authority in {section}.caFile; sslmode=verify-ca in the URL skips the host name check, sslmode=disable turns TLS off",
  ],
]

/** What the pool rejects with; its cause is the error itself. @param section of the configuration, for remedies */
export function explain(error: unknown, section: string): OccError {
  if (error instanceof OccError) return error
  // An error without an answer of the server is recognized only by its text.
  const facts = [codeOf(error), messageOf(error)]
  const rule = RULES.find(([pattern]) => facts.some((fact) => pattern.test(fact)))
  const [, code, remedy] = rule ?? [
    null,
    'OCC_POSTGRES' as const,
    'check that the database is up, and the host and port in the file of {section}.urlFile',
  ]
  return new OccError(
    code,
    `PostgreSQL: ${messageOf(error) || codeOf(error)}${placeOf(error)}. Remedy: ${forSection(remedy, section)}.`,
    { cause: error, retriable: true },
  )
}

/** Of a deadlock: the statement waited `while updating tuple (0,1) in relation "transfers"`. */
function placeOf(error: unknown): string {
  const where = error instanceof Error ? Reflect.get(error, 'where') : undefined
  return codeOf(error) === '40P01' && typeof where === 'string' ? `, ${where.split('\n')[0]}` : ''
}

/** The SQLSTATE of an error of the pool; the code of the connection if the server gave none. */
export function stateOf(error: unknown): string {
  return codeOf(error instanceof Error ? (error.cause ?? error) : error)
}

function forSection(remedy: string, section: string): string {
  const [docs, create] = placesOf(section)
  return remedy
    .replaceAll('{section}', section)
    .replaceAll('{docs}', docs)
    .replaceAll('{create}', create)
}

function placesOf(section: string): readonly [docs: string, create: string] {
  if (section === 'offsets.postgres') {
    return ['docs/postgres.md', '`onchain-consumer migrate`, or set offsets.postgres.migrate']
  }
  if (section === 'parked.postgres') {
    return ['docs/parked.md', '`onchain-consumer migrate`, or set parked.postgres.migrate']
  }
  return section.startsWith('sinks.')
    ? [
        'docs/postgres.md',
        '`onchain-consumer migrate` does it for `events`; one for `columns` is yours (docs/postgres.md#a-mapping)',
      ]
    : ['docs/dead-letters.md', `docs/dead-letters.md, or set ${section}.createTable`]
}
