import type { ErrorChapter } from './chapter.ts'

export const kubernetes = {
  title: 'Kubernetes',
  introduction:
    'Consuming does not depend on the API server: these errors stop only a feature of the section `kubernetes`, which is retried, or a command with `--release`.',
  codes: {
    OCC_KUBERNETES_NO_CLUSTER: {
      meaning: 'The process is not in a pod, and there is no kubeconfig.',
      remedy: 'Set KUBECONFIG, or turn off the features of `kubernetes`.',
      retriable: 'no',
    },
    OCC_KUBERNETES_NO_TOKEN: {
      meaning: 'The token or the CA of the service account cannot be read.',
      remedy: 'Set `automountServiceAccountToken: true` for the pod.',
      retriable: 'no',
    },
    OCC_KUBERNETES_KUBECONFIG: {
      meaning: 'The file of KUBECONFIG is unusable, or has no current cluster.',
      remedy: 'Set it to one readable file, and run `kubectl config use-context NAME`.',
      retriable: 'no',
    },
    OCC_KUBERNETES_UNREACHABLE: {
      meaning: 'The API server does not answer.',
      remedy: 'Allow it in the NetworkPolicy of the pod; check the context of the kubeconfig.',
      retriable: 'yes',
    },
    OCC_KUBERNETES_UNAUTHORIZED: {
      meaning:
        'The API server does not accept the token of the service account, or the credentials of the kubeconfig.',
      remedy: 'Check that the service account still exists; log in to the cluster again.',
      retriable: 'yes',
    },
    OCC_KUBERNETES_FORBIDDEN: {
      meaning: 'The service account, or whoever the kubeconfig is of, lacks a right.',
      remedy: 'Add the rule in the message to a Role.',
      retriable: 'no',
    },
    OCC_KUBERNETES_NOT_FOUND: {
      meaning: 'The object, or its kind, does not exist.',
      remedy: 'Check the name; for a ScaledObject, install KEDA.',
      retriable: 'no',
    },
    OCC_KUBERNETES_CONFLICT: {
      meaning: 'Another client changed the object first.',
      remedy: 'None: it is read again.',
      retriable: 'yes',
    },
    OCC_KUBERNETES_REFUSED: {
      meaning: 'The API server refused the request for another reason.',
      remedy: 'See the message; statuses 429 and 5xx are temporary.',
      retriable: 'depends',
    },
    OCC_RELEASE_UNKNOWN: {
      meaning: 'No pod of the release that `--release` names is in the namespace.',
      remedy: 'Name it as `helm list -A` does, with `--namespace`; scale it up if it has no pods.',
      retriable: 'no',
    },
    OCC_RELEASE_AMBIGUOUS: {
      meaning: 'The release that `--release` names has several services, as an umbrella chart may.',
      remedy: 'Forward a port of one of them, and name it with `--url`.',
      retriable: 'no',
    },
    OCC_RELEASE_NOT_READY: {
      meaning: 'No pod of the release can be asked now; the message says what they wait for.',
      remedy: 'See `kubectl describe pod`.',
      retriable: 'yes',
    },
    OCC_RELEASE_TOKEN: {
      meaning:
        'The release has no token for the command: its API is off, or its Secret lacks the key.',
      remedy:
        'Name a Secret in `existingSecret` below `admin` in the values of the chart, or give `--token-file`.',
      retriable: 'no',
    },
    OCC_KUBERNETES_WORKLOAD: {
      meaning: 'The number of pods of the workload that an autoscaler scales cannot be read.',
      remedy: 'See the message: it names the object and the missing right.',
      retriable: 'no',
    },
  },
} as const satisfies ErrorChapter
