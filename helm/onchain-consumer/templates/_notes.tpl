{{/* Parts of NOTES.txt. */}}

{{/*
What the pods need and does not seem to be there: one line a Secret or ConfigMap. Asks the cluster,
so nothing shows in `helm template`.
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
{{- with .Values.admin.existingSecret }}{{ $wanted = append $wanted (list "Secret" . (list $.Values.admin.tokenKey)) }}{{ end -}}
{{- range concat .Values.handlerFiles.existingConfigMaps .Values.schemas.existingConfigMaps }}{{ $wanted = append $wanted (list "ConfigMap" . list) }}{{ end -}}
{{- range $wanted -}}
{{- $kind := index . 0 }}{{ $name := index . 1 -}}
{{- $found := lookup "v1" $kind $.Release.Namespace $name -}}
{{- if not $found }}
  - {{ $kind }} {{ $name }} is not there: the pods wait for it in ContainerCreating.
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

{{/* What works, and may surprise. */}}
{{- define "onchain-consumer.warnings" -}}
{{- $scaling := .Values.autoscaling -}}
{{- $consumers := dig "kafka" "consumers" 1 .Values.config | int -}}
{{- if and (include "onchain-consumer.deadLettersInFiles" .) (not .Values.deadLetters.existingClaim) }}
  - Dead letters are kept on each pod's own disk and go with the pod, at an upgrade as well. To keep them,
    set config.deadLetters.target to kafka or postgres, or name a ReadWriteMany claim: deadLetters.existingClaim.
{{- end }}
{{- include "onchain-consumer.workerWarnings" . }}
{{- if eq $scaling.mode "none" }}
  - Nothing scales this release: replicas stay {{ int .Values.replicaCount }}. autoscaling.mode=keda scales on lag.
{{- if and $scaling.partitions (gt (mul (int .Values.replicaCount) $consumers) (int $scaling.partitions)) }}
  - {{ int .Values.replicaCount }} pods of {{ $consumers }} consumer(s) for {{ int $scaling.partitions }} partitions: some pods have no work.
{{- end }}
{{- else if le (include "onchain-consumer.maxReplicas" . | int) (int $scaling.minReplicas) }}
  - minReplicas is the maximum already ({{ include "onchain-consumer.maxReplicas" . }}): nothing is left to scale.
{{- end }}
{{- if and (eq $scaling.mode "keda") (eq (int $scaling.minReplicas) 0) }}
  - Scale to zero: without a pod, /lag, /metrics and Events are silent too, and nothing watches over
    retention. New records wait for up to {{ int $scaling.keda.pollingInterval }} s and the start of a pod.
{{- end }}
{{- if and (eq $scaling.mode "hpa") (eq $scaling.hpa.metric "cpu") }}
  - The HPA scales on CPU, and pods that wait for a slow sink use little: lag may grow unseen.
{{- end }}
{{- if .Values.staticMembership }}
  - Static membership: a pod that is replaced, at an upgrade as well, leaves its partitions without an owner
    for config.kafka.sessionTimeout ({{ dig "kafka" "sessionTimeout" "45s" .Values.config }}). Only a restart inside of a pod keeps them.
{{- end }}
{{- if eq (dig "kafka" "autoOffsetReset" "earliest" .Values.config) "latest" }}
  - autoOffsetReset is latest: what is in the topic before the group's first commit is not read.
{{- end }}
{{- if not (dig "limits" "memory" "" .Values.resources) }}
  - No memory limit: the heap of each pod may grow with the memory of its node.
{{- end }}
{{- end -}}

{{/* Worker threads take cores and memory that the values may not give. */}}
{{- define "onchain-consumer.workerWarnings" -}}
{{- $processing := .Values.config.processing | default dict -}}
{{- $workers := toString ($processing.workers | default 0) -}}
{{- $most := ternary ($processing.maxWorkers | default 0) $workers (eq $workers "auto") | int -}}
{{- $memory := include "onchain-consumer.bytes" ($processing.workerMemory | default "256MiB") | int64 -}}
{{- $limit := dig "limits" "memory" "" .Values.resources -}}
{{- if and (eq $workers "auto") (not $most) (not (dig "limits" "cpu" "" .Values.resources)) }}
  - processing.workers is auto, and nothing bounds it but the cores of the node: set
    config.processing.maxWorkers to the cores of resources.requests.cpu.
{{- end }}
{{- if and $limit (gt $most 0) (lt (include "onchain-consumer.bytes" $limit | int64) (add (mul $most $memory) 268435456)) }}
  - {{ $most }} worker thread(s) may take {{ div (mul $most $memory) 1048576 }} MiB of heap, and the memory limit is {{ $limit }}: raise
    resources.limits.memory, or lower config.processing.workerMemory.
{{- end }}
{{- end -}}
