import type { ErrorChapter } from './chapter.ts'

export const kubernetes = {
  title: 'Kubernetes',
  introduction:
    'Consuming does not depend on the API server: these stop a feature of the section `kubernetes` only, and it is tried again.',
  codes: {
    OCC_KUBERNETES_NO_CLUSTER: {
      meaning: 'The process is not in a pod, and KUBECONFIG is not set.',
      remedy: 'Set KUBECONFIG, or turn the features of `kubernetes` off.',
      retriable: 'no',
    },
    OCC_KUBERNETES_NO_TOKEN: {
      meaning: "The service account's token or CA cannot be read.",
      remedy: 'Set `automountServiceAccountToken: true` for the pod.',
      retriable: 'no',
    },
    OCC_KUBERNETES_KUBECONFIG: {
      meaning: 'The file of KUBECONFIG cannot be used, or names no current cluster.',
      remedy: 'Name one readable file; `kubectl config use-context NAME`.',
      retriable: 'no',
    },
    OCC_KUBERNETES_UNREACHABLE: {
      meaning: 'The API server does not answer.',
      remedy: 'Let the NetworkPolicy of the pod reach it.',
      retriable: 'yes',
    },
    OCC_KUBERNETES_UNAUTHORIZED: {
      meaning: "The API server does not accept the service account's token.",
      remedy: 'Check that the service account still exists.',
      retriable: 'yes',
    },
    OCC_KUBERNETES_FORBIDDEN: {
      meaning: 'The service account lacks a right.',
      remedy: 'Add the rule that the message has to the Role.',
      retriable: 'no',
    },
    OCC_KUBERNETES_NOT_FOUND: {
      meaning: 'The object, or its kind, does not exist.',
      remedy: 'Check the name; install KEDA where a ScaledObject is meant.',
      retriable: 'no',
    },
    OCC_KUBERNETES_CONFLICT: {
      meaning: 'Somebody else changed the object first.',
      remedy: 'None: it is read again.',
      retriable: 'yes',
    },
    OCC_KUBERNETES_REFUSED: {
      meaning: 'The API server refused the request for another reason.',
      remedy: 'See the message; statuses 429 and 5xx pass by themselves.',
      retriable: 'depends',
    },
    OCC_KUBERNETES_WORKLOAD: {
      meaning: 'The number of pods of the workload that an autoscaler scales cannot be read.',
      remedy: 'See the message: it names the object and the missing right.',
      retriable: 'no',
    },
  },
} as const satisfies ErrorChapter
