/** `The handler whale has not answered for 9 s and ignores its abort signal.` @param taken milliseconds */
export function notAnswering(handlers: readonly string[], taken: number): string {
  const time = `${Math.round(taken / 1000)} s`
  if (handlers.length > 1) {
    return `The handlers ${handlers.join(' and ')} have not answered for ${time} and ignore their abort signals.`
  }
  const [name] = handlers
  const who = name === undefined ? 'The handler' : `The handler ${name}`
  return `${who} has not answered for ${time} and ignores its abort signal.`
}
