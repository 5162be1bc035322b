import { duration, integer, section, setting } from './fields.ts'

export const scalingSection = section(
  'The whole group, all pods together: the answer of `/scale`, and scaling advice.',
  {
    interval: setting(duration('100ms', '10m'), {
      description: 'How often the end offsets and the committed offsets of the group are read.',
      default: '10s',
    }),
    window: setting(duration('1s', '1h'), {
      description: 'Rates are averages over this time.',
      default: '60s',
    }),
    lagPerPod: setting(integer(0), {
      description:
        'Records of lag per pod: the records per second of one pod times the acceptable lag in seconds. `/scale` computes the wanted replicas from it; 0 leaves them out.',
      default: 0,
    }),
    adviceAfter: setting(duration('0s', '1h'), {
      description: 'How long a condition must hold before it leads to advice.',
      default: '60s',
    }),
  },
)
