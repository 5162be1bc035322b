import type { EventChapter } from '../../src/kernel/log-events/chapter.ts'
import { eventChapters } from '../../src/kernel/log-events/index.ts'
import { renderChapters } from './chapters.ts'

const INTRODUCTION = `Every line of the log has a field \`event\` that stays the same from version to version: search and alert on
that, not on the text. With it come \`time\`, \`level\`, \`room\`, \`msg\`, and fields that name the thing (\`topic\`,
\`partition\`, \`offset\`, \`handler\`, \`member\`), with \`code\` where there is an error: [errors.md](errors.md) has
the codes. Handlers log events of their own, which are not in these tables.`

/** The whole text of docs/log-events.md. */
export function renderEventDocs(): string {
  const header = ['Event', 'Level', 'Meaning']
  const chapters = eventChapters.map(({ title, events }: EventChapter) => ({
    title,
    introduction: '',
    rows: Object.entries(events).map(([event, { level, meaning }]) => [
      `\`${event}\``,
      [level].flat().join(' or '),
      meaning,
    ]),
  }))
  return renderChapters('Log events', INTRODUCTION, 'src/kernel/log-events', header, chapters)
}
