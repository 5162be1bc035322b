import type { FastifyReply } from 'fastify'

/** Begins an answer of Server-Sent Events: from now on `reply.raw` is the caller's. */
export function openEventStream(reply: FastifyReply): void {
  reply.hijack()
  reply.raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    // Proxies that collect answers would hold them back.
    'x-accel-buffering': 'no',
  })
}
