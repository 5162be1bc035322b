import { duration, integer, section, setting } from './fields.ts'

export const scalingSection = section(
  'The whole group, all pods together: what `/scale` answers, and what is advised.',
  {
    interval: setting(duration('100ms', '10m'), {
      description: 'How often the end offsets and the committed offsets of the group are read.',
      default: '10s',
    }),
    window: setting(duration('1s', '1h'), {
      description: 'Rates are means over this time.',
      default: '60s',
    }),
    lagPerPod: setting(integer(0), {
      description:
        'Records of lag that one pod is given: what a pod handles in the seconds of lag that are accepted. `/scale` computes the wanted replicas from it; 0 leaves them out.',
      default: 0,
    }),
    adviceAfter: setting(duration('0s', '1h'), {
      description: 'How long a condition must hold before something is advised.',
      default: '60s',
    }),
  },
)
