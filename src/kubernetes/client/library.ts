// The library contains a model of every Kubernetes resource, tens of megabytes. This module is
// imported only when a feature of `kubernetes` starts, and names all that is used so that the
// bundle omits the rest.
export {
  AppsV1Api,
  AutoscalingV2Api,
  CoordinationV1Api,
  CoreV1Api,
  CustomObjectsApi,
  createConfiguration,
  EventsV1Api,
  KubeConfig,
  PatchStrategy,
  PortForward,
  ServerConfiguration,
  setHeaderOptions,
  V1MicroTime,
} from '@kubernetes/client-node'
