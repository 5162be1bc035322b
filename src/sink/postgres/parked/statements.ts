import { quoteTable } from '../quote.ts'

/** Of a claimed row: the last process that took it is the one that writes. */
const MINE = 'p.id = $1 and p.claim = $2'
/**
 * By the clock of the database alone: those of the processes may differ. A time is set from now and
 * compared with the beginning of its transaction, so nothing is due too early, and an index applies.
 */
const FROM_NOW = (mark: string) =>
  `clock_timestamp() + ${mark}::double precision * interval '1 millisecond'`

/** What is counted exactly; above it, counting would cost more than it tells. */
export const MOST_COUNTED = 100_000

/** The statements on a table of parked records. All times are those of the database. */
export function parkedStatements(table: string) {
  const parked = quoteTable(table)
  const before = (or = '') =>
    `p.hold is not null and exists (select 1 from ${parked} as e where e.consumer_group = p.consumer_group and e.topic = p.topic
    and e.partition = p.partition and e.hold = p.hold and (e.record_offset < p.record_offset${or}))`
  /** A record of its key is before it. */
  const isBehind = before()
  /** The same, or one is being handled: it came back after it was handled once. */
  const mustWait = before(' or e.id <> p.id and e.leased_until > now()')
  return {
    /**
     * $1 group, $2 topic, $3 partition, $4 offset, $5 timestamp, $6 key, $7 value, $8 headers,
     * $9 replay, $10 handler, $11 milliseconds until it is due, $12 reason, $13 error type, $14 hold.
     * A record that is there already was delivered again: the later time holds, and who has it loses it.
     */
    park: `insert into ${parked} as p (consumer_group, topic, partition, record_offset, record_timestamp, key, value, headers, replay, handler, due_at, reason, error_type, hold)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, ${FROM_NOW('$11')}, $12, $13, $14)
on conflict (consumer_group, topic, partition, record_offset, record_timestamp, handler)
do update set due_at = greatest(p.due_at, excluded.due_at), reason = excluded.reason, error_type = excluded.error_type,
  hold = excluded.hold, claim = p.claim + 1, leased_until = null`,
    /**
     * $1 group, $2 most, $3 lease in milliseconds, $4 owner, what is held back: $5 topics,
     * $6 topic/partition, $7 handlers. Rows that another process is taking are passed by, and those
     * behind another of their key.
     */
    claim: `with due as materialized (
  select id from ${parked} as p
  where consumer_group = $1 and due_at <= now() and (leased_until is null or leased_until <= now())
    and topic <> all($5::text[]) and topic || '/' || partition <> all($6::text[])
    and (cardinality($7::text[]) = 0 or handler <> '' and not string_to_array(handler, ',') && $7::text[])
    and not (${mustWait})
  order by due_at limit $2
  for update of p skip locked
)
update ${parked} as p set claim = p.claim + 1, owner = $4, leased_until = ${FROM_NOW('$3')}
from due where p.id = due.id returning p.*`,
    /** $1 ids, $2 claims, $3 lease in milliseconds. Returns those that are still there and mine. */
    renew: `update ${parked} as p set leased_until = ${FROM_NOW('$3')}
from unnest($1::bigint[], $2::bigint[]) as mine (id, claim)
where p.id = mine.id and p.claim = mine.claim returning p.id`,
    /** $1 id, $2 claim, $3 handler: the same record may have been parked for these handlers, too. */
    merge: `delete from ${parked} as other using ${parked} as p
where ${MINE} and other.id <> p.id and other.handler = $3 and other.consumer_group = p.consumer_group and other.topic = p.topic
  and other.partition = p.partition and other.record_offset = p.record_offset and other.record_timestamp = p.record_timestamp`,
    /**
     * $1 id, $2 claim, $3 milliseconds until it is due, $4 handler, $5 attempts, $6 reason, $7 error
     * type. It ends the claim: once more, after a commit whose answer was lost, it touches nothing.
     */
    again: `update ${parked} as p set due_at = ${FROM_NOW('$3')}, handler = $4, attempts = $5, reason = $6, error_type = $7,
  times = p.times + 1, claim = p.claim + 1, leased_until = null
where ${MINE}`,
    /** $1 id, $2 claim: due as before, for the next process. */
    release: `update ${parked} as p set leased_until = null where ${MINE}`,
    /** $1 id, $2 claim */
    end: `delete from ${parked} as p where ${MINE}`,
    /** $1 group. Those behind another of their key are not due yet. */
    count: `select (select count(*) from (select 1 from ${parked} where consumer_group = $1 limit ${MOST_COUNTED}) as a) as records,
  (select count(*) from (select 1 from ${parked} as p where consumer_group = $1 and due_at <= now() and not (${isBehind}) limit ${MOST_COUNTED}) as b) as due,
  (select due_at from ${parked} as p where consumer_group = $1 and not (${isBehind}) order by due_at limit 1) as next_due`,
    /** $1 group. The first row says how many rows the planner expects. */
    estimate: `explain (format json) select 1 from ${parked} where consumer_group = $1`,
    /** $1 group, $2 topic, $3 partition, $4 most */
    held: `select distinct hold from ${parked}
where consumer_group = $1 and topic = $2 and partition = $3 and hold is not null limit $4`,
    /** $1 group, $2 topic, $3 partition, $4 hold, $5 offset, $6 timestamp */
    holder: `with own as not materialized (
  select record_offset, record_timestamp from ${parked} where consumer_group = $1 and topic = $2 and partition = $3 and hold = $4
)
select exists (select 1 from own) as is_held, exists (select 1 from own where record_offset = $5 and record_timestamp = $6) as is_itself`,
    ...selections(parked, isBehind),
    /** Check the table, its columns and the rights, and change nothing. */
    probes: [
      `insert into ${parked} (consumer_group, topic, partition, record_offset, record_timestamp, key, value, headers, replay, handler, due_at, reason, error_type, hold)
select '', '', 0, 0, 0, null, null, '{}', false, '', now(), '', '', '' where false`,
      `update ${parked} set due_at = now(), handler = '', attempts = 0, reason = '', error_type = '', times = 1, claim = 0, leased_until = null, owner = '' where false`,
      `delete from ${parked} where false`,
      `select id, since from ${parked} limit 0`,
    ],
  }
}

/**
 * What people do with records that they select: $1 groups, $2 topics, $3 handlers, $4 error types,
 * $5 topic/partition/offset, $6 and $7 since when they are parked, from and to (each null: all).
 */
function selections(parked: string, isBehind: string) {
  const selected = `($1::text[] is null or p.consumer_group = any($1)) and ($2::text[] is null or p.topic = any($2))
  and ($3::text[] is null or p.handler = '' or string_to_array(p.handler, ',') && $3::text[]) and ($4::text[] is null or p.error_type = any($4))
  and ($5::text[] is null or p.topic || '/' || p.partition || '/' || p.record_offset = any($5))
  and ($6::timestamptz is null or p.since >= $6) and ($7::timestamptz is null or p.since < $7)`
  const isFree = '(p.leased_until is null or p.leased_until <= now())'
  return {
    /** $8 most. The first due first, without the values. */
    list: `select id, consumer_group, topic, partition, record_offset, record_timestamp, handler, due_at, times, since, attempts, reason, error_type, owner,
  leased_until > now() as is_leased, ${isBehind} as is_behind
from ${parked} as p where ${selected} order by due_at, id limit $8`,
    countSelected: `select count(*) as records from (select 1 from ${parked} as p where ${selected} limit ${MOST_COUNTED + 1}) as a`,
    /** $8 most, $9 the order begins behind this id. None that a process has. Returns their ids. */
    dueNow: `update ${parked} as p set due_at = least(due_at, now()) where p.id in (
  select id from ${parked} as p where ${selected} and ${isFree} and id > $9 order by id limit $8 for update skip locked
) returning p.id`,
    /** $8 most, $9 as before, $10 lease in milliseconds, $11 owner. Claims them. */
    take: `with chosen as materialized (
  select id from ${parked} as p where ${selected} and ${isFree} and id > $9 order by id limit $8 for update skip locked
)
update ${parked} as p set claim = p.claim + 1, owner = $11, leased_until = ${FROM_NOW('$10')}
from chosen where p.id = chosen.id returning p.*`,
  }
}
