import type { FastifyReply } from 'fastify'

export const PROBLEM_TYPE = 'application/problem+json'

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

/** Writes an error in the form of one interface. @param code `OCC_...`, where there is one */
export type SendError = (
  reply: FastifyReply,
  status: number,
  detail: string,
  code?: string,
) => FastifyReply

/** A problem document (RFC 9457). */
export const sendProblem: SendError = (reply, status, detail, code) =>
  reply
    .code(status)
    .type(PROBLEM_TYPE)
    // Not by a schema of the route: it would drop what that does not name.
    .serializer(JSON.stringify)
    .send({
      type: 'about:blank',
      title: TITLES[status] ?? 'Error',
      status,
      detail,
      ...(code !== undefined && { code }),
    })

/** What the endpoints below `/admin/` answer: `{ "error": "..." }`. */
export const sendPlainError: SendError = (reply, status, error) =>
  reply.code(status).send({ error })
