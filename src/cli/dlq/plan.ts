import type { Plan } from '../../app/letters/plan.ts'
import type { Selection } from '../../app/letters/selection.ts'
import { printable } from '../../kernel/text/printable.ts'
import { formatCount, table } from '../terminal/terminal.ts'
import { othersText } from './groups.ts'

/** @param verb As in `to send`. @param groupId The configured group. */
export function describePlan(
  plan: Plan,
  verb: string,
  { maxRedrives }: Selection,
  groupId: string,
): string {
  const lines = [`${formatCount(plan.wanted)} dead letters ${verb}`]
  if (plan.wanted > 0) {
    const from = plan.kinds.some(({ group }) => group !== groupId) ? 0 : 1
    const rows = plan.kinds.map(({ group, topic, errorType, handler, letters }) => [
      ...[group ?? '-', topic, errorType, handler ?? '-'].map(printable).slice(from),
      formatCount(letters),
    ])
    const header = ['Group', 'Topic', 'Error', 'Handler', 'Letters'].slice(from)
    lines.push('', table(rows, { header }))
  }
  if (plan.tooOften > 0) {
    lines.push(
      '',
      `${formatCount(plan.tooOften)} more stay: they were already redriven ${maxRedrives} times. Find out why they fail; a higher --max-redrives N sends them anyway.`,
    )
  }
  if (plan.uncertain > 0) {
    lines.push(
      '',
      `${formatCount(plan.uncertain)} more stay: a redrive ended while sending them, and they may have arrived. --resend sends them again, dlq drop removes them.`,
    )
  }
  if (plan.batches > 0) {
    lines.push(
      '',
      `${formatCount(plan.batches)} more stay: each is a damaged batch as received from the broker, not a record. dlq show prints one; see "Damaged batches" in docs/operations.md.`,
    )
  }
  const others = othersText(plan.others)
  if (others !== null) lines.push('', others)
  return lines.join('\n')
}
