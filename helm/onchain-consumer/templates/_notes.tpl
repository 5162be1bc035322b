{{/* Parts of NOTES.txt. */}}

{{/*
What the pods need and does not seem to be there: one line a Secret or ConfigMap. Asks the cluster,
so nothing shows in `helm template`.
*/}}
{{- define "onchain-consumer.missingReferences" -}}
{{- if .Values.notes.checkReferences -}}
{{- $wanted := list -}}
{{- with .Values.brokers }}{{ if .existingConfigMap }}{{ $wanted = append $wanted (list "ConfigMap" .existingConfigMap (list .key)) }}{{ end }}{{ end -}}
{{- if include "onchain-consumer.usesSasl" . -}}
{{- with .Values.sasl }}{{ $wanted = append $wanted (list "Secret" .existingSecret (list .usernameKey .passwordKey)) }}{{ end -}}
{{- end -}}
{{- if include "onchain-consumer.usesTls" . -}}
{{- with .Values.tls -}}
{{- if .existingCaSecret -}}
{{- $wanted = append $wanted (list "Secret" .existingCaSecret (list .caKey)) -}}
{{- end -}}
{{- if .existingSecret -}}
{{- $keys := list (ternary "" .caKey (ne .existingCaSecret "")) .certificateKey (ternary .privateKeyKey "" (ne .certificateKey "")) .passphraseKey -}}
{{- $wanted = append $wanted (list "Secret" .existingSecret (compact $keys)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
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
{{- if not .Values.failedRecords.existingClaim }}
  - Failed records are kept on each pod's own disk and go with the pod. To keep them, name a
    ReadWriteMany claim: failedRecords.existingClaim.
{{- end }}
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
{{- if eq (dig "kafka" "autoOffsetReset" "earliest" .Values.config) "latest" }}
  - autoOffsetReset is latest: what is in the topic before the group's first commit is not read.
{{- end }}
{{- if not (dig "limits" "memory" "" .Values.resources) }}
  - No memory limit: the heap of each pod may grow with the memory of its node.
{{- end }}
{{- end -}}
