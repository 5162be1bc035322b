/**
 * Server-Sent Events of a path that needs a token, which an EventSource cannot send.
 *
 * @param {string} path
 * @param {string} token
 * @param {AbortSignal} signal ends it
 * @param {(name: string, data: any) => void} take each event
 * @returns {Promise<{ status: number, problem: string }>} when it is over; never rejects. An empty problem: it
 *   ended as it should
 */
export async function openStream(path, token, signal, take) {
  try {
    const response = await fetch(path, {
      headers: { accept: 'text/event-stream', authorization: `Bearer ${token}` },
      credentials: 'omit',
      redirect: 'error',
      signal,
    })
    const { ok, status, body } = response
    if (!ok || body === null) {
      const answer = await response.json().catch(() => null)
      return { status, problem: answer?.detail ?? `Status ${status}` }
    }
    const reader = body.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return { status, problem: '' }
      const messages = (text + value).split('\n\n')
      text = messages.pop() ?? ''
      for (const message of messages) {
        const [, name, data] = /^event: (.*)\ndata: (.*)$/.exec(message) ?? []
        if (name !== undefined && data !== undefined) take(name, JSON.parse(data))
      }
    }
  } catch {
    return { status: 0, problem: signal.aborted ? '' : 'The pod does not answer.' }
  }
}
