import type pg from 'pg'

interface Connection {
  query(text: string): void
  sendCopyFromChunk(chunk: Buffer): void
  endCopyFrom(): void
}

/** Runs a COPY of these lines. pg has its messages, and no function for them. */
export function copyIn(client: pg.Client, text: string, lines: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    let failure: unknown = null
    const query = {
      submit: (connection: Connection) => connection.query(text),
      handleCopyInResponse(connection: Connection) {
        connection.sendCopyFromChunk(lines)
        connection.endCopyFrom()
      },
      handleCommandComplete() {},
      handleError(error: unknown) {
        failure = error
      },
      handleReadyForQuery() {
        if (failure === null) resolve()
        else reject(failure)
      },
    }
    client.query(query as unknown as pg.Submittable)
  })
}
