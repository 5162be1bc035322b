import type { PostgresPool } from '../pool.ts'
import { quoteTable } from '../quote.ts'

/** The statements on a table of offsets. Rows are locked by topic and partition, in every process. */
export function offsetStatements(table: string) {
  const offsets = quoteTable(table)
  const rows = '"C", partition'
  return {
    /** $1 group, $2 topics, $3 partitions, $4 owner, $5 generation */
    claim: `insert into ${offsets} as t (consumer_group, topic, partition, epoch, owner, generation)
select $1, topic, partition, 1, $4, $5 from unnest($2::text[], $3::int[]) as c (topic, partition)
order by topic collate ${rows}
on conflict (consumer_group, topic, partition)
do update set epoch = t.epoch + 1, owner = excluded.owner, generation = excluded.generation, updated_at = now()
returning topic, partition, epoch, writes, next_offset, finished_above, leader_epoch, topic_id, topic_partitions, operator`,
    /** $1 group, $2 topics: the smallest number of partitions with which each began. */
    known: `select topic, min(topic_partitions) as partitions from ${offsets}
where consumer_group = $1 and topic = any($2::text[]) and next_offset is not null group by topic`,
    /**
     * $1 group, then lists: topics, partitions, epochs, writes, next offsets, finished above, topic
     * ids, partitions of the topics, record times, operators' texts (null: unchanged), leader epochs.
     * Touches only rows with that epoch and number of writes.
     */
    move: `with mine as (
  select t.topic, t.partition, m.epoch, m.writes, m.next_offset, m.finished_above, m.topic_id, m.topic_partitions, m.record_time, m.operator, m.leader_epoch
  from ${offsets} t join unnest($2::text[], $3::int[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[], $8::text[], $9::int[], $10::timestamptz[], $11::text[], $12::int[])
    as m (topic, partition, epoch, writes, next_offset, finished_above, topic_id, topic_partitions, record_time, operator, leader_epoch)
    using (topic, partition)
  where t.consumer_group = $1
  order by t.topic collate "C", t.partition for update of t
)
update ${offsets} t set next_offset = mine.next_offset, finished_above = mine.finished_above, leader_epoch = mine.leader_epoch, writes = t.writes + 1,
  topic_id = coalesce(mine.topic_id, t.topic_id), topic_partitions = coalesce(mine.topic_partitions, t.topic_partitions),
  record_time = coalesce(mine.record_time, t.record_time), operator = coalesce(mine.operator, t.operator), updated_at = now()
from mine
where t.consumer_group = $1 and t.topic = mine.topic and t.partition = mine.partition
  and t.epoch = mine.epoch and t.writes = mine.writes`,
    /** $1 group, $2 topics, $3 partitions */
    read: `select topic, partition, epoch, writes, next_offset, owner from ${offsets} join unnest($2::text[], $3::int[]) as c (topic, partition) using (topic, partition)
where consumer_group = $1`,
    /** $1 group */
    all: `select topic, partition, epoch, writes, next_offset, operator, topic_id from ${offsets}
where consumer_group = $1 order by topic collate ${rows}`,
    /**
     * $1 group, $2 owner, then lists: topics, partitions, expected epochs and writes (-1: there is no
     * row), next offsets, operators' texts. Touches only rows as expected, and whoever had claimed
     * them can write nothing more.
     */
    set: `insert into ${offsets} as t (consumer_group, topic, partition, epoch, writes, owner, next_offset, operator)
select $1, topic, partition, epoch + 1, writes + 1, $2, next_offset, operator
from unnest($3::text[], $4::int[], $5::bigint[], $6::bigint[], $7::bigint[], $8::text[]) as c (topic, partition, epoch, writes, next_offset, operator)
order by topic collate ${rows}
on conflict (consumer_group, topic, partition)
do update set epoch = excluded.epoch, writes = excluded.writes, owner = excluded.owner, generation = null,
  next_offset = excluded.next_offset, finished_above = '', leader_epoch = null, topic_id = null, operator = excluded.operator, updated_at = now()
where t.epoch = excluded.epoch - 1 and t.writes = excluded.writes - 1`,
    /** Checks the table, its columns and the rights, and locks nothing. */
    probe: `update ${offsets} set next_offset = null, finished_above = '', leader_epoch = null, writes = 0, epoch = 0, owner = '', generation = null,
  topic_id = null, topic_partitions = null, record_time = null, operator = '', updated_at = now() where false`,
    probeInsert: `insert into ${offsets} (consumer_group, topic, partition, epoch, owner) select '', '', 0, 0, '' where false`,
  }
}

/** Rejects with OCC_POSTGRES_* if the table, its columns or the rights are not there. Changes nothing. */
export async function checkOffsetTable(pool: PostgresPool, table: string): Promise<void> {
  const { probe, probeInsert, read } = offsetStatements(table)
  await pool.transact(async (query) => {
    await query(probe)
    await query(probeInsert)
    await query(read, ['', [], []])
  })
}
