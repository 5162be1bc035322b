import * as z from 'zod'
import { checked, choice, duration, integer, list, setting, text } from './fields.ts'
import { amount, filterSection } from './filter.ts'
import { checkName, checkTopicPattern } from './names.ts'

const within = duration('1s', '24h')

const alert = z.strictObject({
  name: checked(text('name the rule'), checkName),
  to: checked(text('name a sink'), checkName),
  topics: list('topics', checkTopicPattern).prefault(['*']),
  filter: filterSection.optional().meta({ live: true }),
  message: text().optional(),
  per: choice(['rule', 'from', 'to', 'asset']).optional(),
  count: z.strictObject({ atLeast: integer(2, 10_000), within }).optional(),
  sum: z.strictObject({ atLeast: amount(/^\d+(\.\d+)?$/, '1000000'), within }).optional(),
  failedShare: z
    .strictObject({
      above: z.number().min(0).max(1),
      within,
      least: integer(1, 10_000).prefault(20),
    })
    .optional(),
  silence: duration('5s', '24h').optional(),
  lag: integer(1).optional(),
  headroom: duration('1s', '36500d').optional(),
  deadLetters: z.strictObject({ atLeast: integer(1), within }).optional(),
  cooldown: duration('0s', '24h').optional(),
  maxAge: duration('1s', '36500d').optional(),
})

export const alertsSetting = setting(
  z.array(alert).meta({
    kind: 'rules',
    form: 'list of {name, to, topics, filter, message, per, count, sum, failedShare, silence, lag, headroom, deadLetters, cooldown, maxAge}',
  }),
  {
    description:
      'Alerts without code ([alerts.md](alerts.md)). `to`: a name in `sinks`; `filter`: the keys of the section filter (live); `message`: text with placeholders such as `{{amount}}`. Each event that passes is an alert, or with `count: {atLeast, within}`, `sum: {atLeast, within}` or `failedShare: {above, within, least}` several together, for each sender, receiver or asset with `per` (default `rule`: all together). `silence`, `lag`, `headroom` (durations and records) and `deadLetters: {atLeast, within}` are about the service. `cooldown`: after an alert, the next ones of the same key are held back and said together; default 0s, with a window its `within`. `maxAge`: older records say nothing, default 1h.',
    default: [],
    example: [
      {
        name: 'whale',
        to: 'slack',
        filter: { minAmount: '1000000', assets: ['EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v'] },
        message: '{{amount}} {{asset}} from {{from}} to {{to}}',
      },
    ],
  },
)
