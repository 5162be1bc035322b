import type { LogLevel } from './chapter.ts'
import { fetching } from './fetching.ts'
import { group } from './group.ts'
import { handling } from './handling.ts'
import { kubernetes } from './kubernetes.ts'
import { service } from './service.ts'
import { sinks } from './sinks.ts'

/** The chapters of docs/log-events.md, in their order. A new event is one entry in one of them. */
export const eventChapters = [service, group, fetching, handling, sinks, kubernetes] as const

type EventsOf<Chapter> = Chapter extends { readonly events: infer Events } ? Events : never
type Chapters = EventsOf<(typeof eventChapters)[number]>

type LevelsOf<Level> = Level extends readonly (infer Each)[] ? Each : Level
type EventsAt<Events, Level extends LogLevel> = Events extends unknown
  ? {
      [Event in keyof Events]: Events[Event] extends { readonly level: infer Levels }
        ? Level extends LevelsOf<Levels>
          ? Event
          : never
        : never
    }[keyof Events]
  : never

/** The events of this level; without one: all. */
export type LogEvent<Level extends LogLevel = LogLevel> = EventsAt<Chapters, Level>
