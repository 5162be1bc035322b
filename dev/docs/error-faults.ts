import { type ErrorRule, errorRules } from '../../src/handle/call/error-rules.ts'

const FAULTS: Readonly<Partial<Record<ErrorRule['fault'], string>>> = {
  record: "the record's own",
  world: "the world's",
  limit: "nobody's: it comes too early",
}

/** The table of docs/handlers.md: whose fault an error is taken to be. */
export function faultTable(): string {
  const rows = errorRules.map(({ error, fault }) => `| ${error} | ${FAULTS[fault] ?? fault} |`)
  return ['| error | fault |', '| --- | --- |', ...rows].join('\n')
}
