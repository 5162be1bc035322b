import type { ErrorChapter } from '../../src/kernel/error-codes/chapter.ts'
import { errorChapters } from '../../src/kernel/error-codes/index.ts'
import { renderChapters } from './chapters.ts'

const INTRODUCTION = `Every error has a code that stays the same from version to version. It is the field \`code\` of log lines, the label
\`code\` of metrics, and \`error_type\` of dead letters (\`dlq list --error-type CODE\`). The message that comes with
it names the thing, the value and the remedy; this page is for searching.

**Retriable** says whether the same may succeed later without anybody changing anything. Other codes in these
places are those of Node.js (\`ECONNREFUSED\`), of Kafka's protocol (\`NOT_LEADER_OR_FOLLOWER\`), and of handlers,
which may throw errors with codes of their own. Environment variables begin with \`OCC_\`, too:
[configuration.md](configuration.md) has those.`

/** The whole text of docs/errors.md. */
export function renderErrorDocs(): string {
  const header = ['Code', 'Meaning', 'Remedy', 'Retriable']
  const chapters = errorChapters.map(({ title, introduction, codes }: ErrorChapter) => ({
    title,
    introduction,
    rows: Object.entries(codes).map(([code, { meaning, remedy, retriable }]) => [
      `\`${code}\``,
      meaning,
      remedy,
      retriable,
    ]),
  }))
  return renderChapters('Error codes', INTRODUCTION, 'src/kernel/error-codes', header, chapters)
}
