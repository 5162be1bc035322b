/** What the status of an HTTP answer says about whose fault a failure is. */

export const TOO_MANY_REQUESTS = 429
/** The receiver is gone for good. */
export const GONE = 410
/** Statuses with which a server rejects the request itself, not its sender or its time. */
export const RECORD_STATUSES: readonly number[] = [400, 409, 410, 411, 413, 414, 415, 422]
/** Named in the documentation. Any other 4xx is treated the same. */
export const WORLD_STATUSES: readonly number[] = [401, 403, 404, 405, 407, 408, 421, 423, 425]
