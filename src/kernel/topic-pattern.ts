/**
 * Whether a glob matches the whole topic name. Not a regular expression, so the time is bounded.
 */
export function matchesTopic(pattern: string, topic: string): boolean {
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop()
  if (last === undefined) return pattern === topic
  if (!topic.startsWith(first)) return false
  let at = first.length
  for (const piece of rest) {
    const found = topic.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return topic.length - at >= last.length && topic.endsWith(last)
}

/** Whether one of the globs matches the topic name. */
export function matchesAnyTopic(patterns: readonly string[], topic: string): boolean {
  return patterns.some((pattern) => matchesTopic(pattern, topic))
}
