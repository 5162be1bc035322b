{{/* Parts of NOTES.txt. */}}

{{/*
Secrets and ConfigMaps that the pods need and that do not exist: one line each. It asks the cluster, so
`helm template` shows nothing.
*/}}
{{- define "onchain-consumer.missingReferences" -}}
{{- if .Values.notes.checkReferences -}}
{{- $wanted := list -}}
{{- with .Values.brokers }}{{ if .existingConfigMap }}{{ $wanted = append $wanted (list "ConfigMap" .existingConfigMap (list .key)) }}{{ end }}{{ end -}}
{{- range include "onchain-consumer.clusters" . | fromYamlArray -}}
{{- $wanted = concat $wanted (include "onchain-consumer.clusterReferences" . | fromYamlArray) -}}
{{- end -}}
{{- with include "onchain-consumer.deadLettersPostgres" . -}}
{{- $keys := compact (list $.Values.deadLetters.postgres.urlKey $.Values.deadLetters.postgres.caKey) -}}
{{- $wanted = append $wanted (list "Secret" . $keys) -}}
{{- end -}}
{{- with .Values.admin.existingSecret }}{{ $wanted = append $wanted (list "Secret" . (compact (list $.Values.admin.tokenKey $.Values.admin.readTokenKey))) }}{{ end -}}
{{- $files := include "onchain-consumer.sinksConfig" . | fromYaml -}}
{{- range $name, $secret := .Values.sinkSecrets -}}
{{- $keys := list -}}
{{- range get $files $name }}{{ $keys = append $keys (base .) }}{{ end -}}
{{- $wanted = append $wanted (list "Secret" $secret.existingSecret $keys) -}}
{{- end -}}
{{- if .Values.migrateJob.enabled -}}
{{- range .Values.migrateJob.sinkSecrets }}{{ $wanted = append $wanted (list "Secret" .existingSecret (list (.urlKey | default "url"))) }}{{ end -}}
{{- end -}}
{{- range concat (.Values.handlerFiles.existingConfigMaps | default list) (.Values.schemas.existingConfigMaps | default list) }}{{ $wanted = append $wanted (list "ConfigMap" . list) }}{{ end -}}
{{- range $wanted -}}
{{- $kind := index . 0 }}{{ $name := index . 1 -}}
{{- $found := lookup "v1" $kind $.Release.Namespace $name -}}
{{- if not $found }}
  - {{ $kind }} {{ $name }} does not exist: the pods wait for it in ContainerCreating.
{{- else -}}
{{- range index . 2 -}}
{{- if not (hasKey (merge (dict) ($found.data | default dict) ($found.binaryData | default dict)) .) }}
  - {{ $kind }} {{ $name }} has no key {{ . }}.
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Settings that work, but may surprise. */}}
{{- define "onchain-consumer.warnings" -}}
{{- $scaling := .Values.autoscaling -}}
{{- $consumers := dig "kafka" "consumers" 1 .Values.config | int -}}
{{- if and (include "onchain-consumer.deadLettersInFiles" .) (not .Values.deadLetters.existingClaim) }}
  - Dead letters are kept on each pod's own disk and are deleted with the pod, also at an upgrade. To keep
    them, set config.deadLetters.target to kafka or postgres, or name a ReadWriteMany claim: deadLetters.existingClaim.
{{- end }}
{{- include "onchain-consumer.workerWarnings" . }}
{{- if eq $scaling.mode "none" }}
  - Nothing scales this release: replicas stay {{ int .Values.replicaCount }}. autoscaling.mode=keda scales on lag.
{{- if and $scaling.partitions (gt (mul (int .Values.replicaCount) $consumers) (int $scaling.partitions)) }}
  - {{ int .Values.replicaCount }} pods of {{ $consumers }} consumer(s) for {{ int $scaling.partitions }} partitions: some pods have no work.
{{- end }}
{{- else if le (include "onchain-consumer.maxReplicas" . | int) (int $scaling.minReplicas) }}
  - minReplicas is already the maximum ({{ include "onchain-consumer.maxReplicas" . }}): the autoscaler has nothing to do.
{{- end }}
{{- if and (eq $scaling.mode "keda") (eq (int $scaling.minReplicas) 0) }}
  - Scale to zero: without a pod there is no /lag, no /metrics and no Event, and nothing watches the
    retention. New records wait up to {{ int $scaling.keda.pollingInterval }} s, plus the start of a pod.
{{- end }}
{{- if and (eq $scaling.mode "hpa") (eq $scaling.hpa.metric "cpu") }}
  - The HPA scales on CPU, and pods that wait for a slow sink use little of it: lag may grow unnoticed.
{{- end }}
{{- if and .Values.networkPolicy.enabled .Values.networkPolicy.ingressFrom (eq $scaling.mode "keda") (eq $scaling.trigger "metrics-api") }}
  - KEDA asks the pods for their lag (trigger metrics-api): its namespace has to be in networkPolicy.ingressFrom.
{{- end }}
{{- if .Values.staticMembership }}
  - Static membership: a pod that is replaced, also at an upgrade, leaves its partitions without an owner
    for config.kafka.sessionTimeout ({{ dig "kafka" "sessionTimeout" "45s" .Values.config }}). Only a restart of its container keeps them.
{{- end }}
{{- if eq (dig "kafka" "autoOffsetReset" "earliest" .Values.config) "latest" }}
  - autoOffsetReset is latest: records from before the group's first commit are not read.
{{- end }}
{{- $name := include "onchain-consumer.fullname" . -}}
{{- if and .Values.monitoring.dashboard.enabled (gt (len $name) 46) }}
  - The name {{ $name }} has more than 46 characters, so Kubernetes cuts the names of its pods, by which
    the dashboard finds them. A shorter fullnameOverride helps; it makes new objects.
{{- end }}
{{- if not (dig "limits" "memory" "" (.Values.resources | default dict)) }}
  - No memory limit: the heap of each pod may grow to the memory of its node.
{{- end }}
{{- end -}}

{{/* Worker threads need cores and memory, which the values may not provide. */}}
{{- define "onchain-consumer.workerWarnings" -}}
{{- $processing := .Values.config.processing | default dict -}}
{{- $workers := toString ($processing.workers | default 0) -}}
{{- $most := ternary ($processing.maxWorkers | default 0) $workers (eq $workers "auto") | int -}}
{{- $memory := include "onchain-consumer.bytes" ($processing.workerMemory | default "256MiB") | int64 -}}
{{- $limit := dig "limits" "memory" "" (.Values.resources | default dict) -}}
{{- if and (eq $workers "auto") (not $most) (not (dig "limits" "cpu" "" (.Values.resources | default dict))) }}
  - processing.workers is auto, and only the cores of the node limit it: set
    config.processing.maxWorkers to the cores of resources.requests.cpu.
{{- end }}
{{- if and $limit (gt $most 0) (lt (include "onchain-consumer.bytes" $limit | int64) (add (mul $most $memory) 268435456)) }}
  - {{ $most }} worker thread(s) may take {{ div (mul $most $memory) 1048576 }} MiB of heap, and the memory limit is {{ $limit }}: raise
    resources.limits.memory, or lower config.processing.workerMemory.
{{- end }}
{{- end -}}
