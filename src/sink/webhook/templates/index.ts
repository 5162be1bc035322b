import { discord } from './discord.ts'
import { pagerduty } from './pagerduty.ts'
import { slack } from './slack.ts'
import { telegram } from './telegram.ts'
import type { Template } from './template.ts'

/** What `sinks.<name>.template` can be. */
export const templates: readonly Template[] = [slack, telegram, discord, pagerduty]

/** null: none of this name. */
export function templateOf(name: string | undefined): Template | null {
  return templates.find((template) => template.name === name) ?? null
}
