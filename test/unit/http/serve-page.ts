import type { TestContext } from 'node:test'
import type { Overview } from '../../../src/observe/overview/types.ts'
import { overview } from '../../support/overview.ts'
import { serve } from './serve.ts'

/** The headers of a browser. */
export const BROWSER = { accept: 'text/html,*/*;q=0.8' }

/** A server with the status page, which shows `changes`. */
export async function servePage(t: TestContext, changes: Partial<Overview> = {}, options = {}) {
  const served = await serve(t, { page: true, ...options })
  served.state.overview = overview(changes)
  const page = async (path = '/') => {
    const response = await served.request(path, { headers: BROWSER })
    return { response, text: await response.text() }
  }
  return { ...served, page }
}

/** What a page says, without its markup. */
export function saidBy(html: string): string {
  return html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')
}
