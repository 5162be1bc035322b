// The library holds the model of every resource there is, tens of megabytes: this module is imported
// when a feature of `kubernetes` starts, and names all that is used, so that the bundle leaves out the rest.
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
  ServerConfiguration,
  setHeaderOptions,
  V1MicroTime,
} from '@kubernetes/client-node'
