{{/* KEDA's triggers. Everything in their metadata is text. */}}

{{/* Whether KEDA itself logs in to Kafka, with the credentials of the pods. */}}
{{- define "onchain-consumer.kedaHasCredentials" -}}
{{- if or (include "onchain-consumer.usesSasl" .)
  (and (include "onchain-consumer.usesTls" .)
    (or (include "onchain-consumer.caSecret" .) (include "onchain-consumer.usesClientCertificate" .)))
}}yes{{ end -}}
{{- end -}}

{{/* One trigger per topic of each group: without a name KEDA would count every topic that the group ever committed. */}}
{{- define "onchain-consumer.kafkaTriggers" -}}
{{- $root := . -}}
{{- $kafka := .Values.config.kafka | default dict -}}
{{- $mechanisms := dict "PLAIN" "plaintext" "SCRAM-SHA-256" "scram_sha256" "SCRAM-SHA-512" "scram_sha512" -}}
{{- range $group := include "onchain-consumer.groups" . | fromYamlArray }}
{{- range $index, $topic := $group.topics }}
- type: kafka
  name: {{ $group.prefix }}topic_{{ $index }}
  metricType: AverageValue
  metadata:
    {{- if $root.Values.brokers.existingConfigMap }}
    # Read from the environment of the container, which the ConfigMap sets.
    bootstrapServersFromEnv: KAFKA_BOOTSTRAP_SERVERS
    {{- else }}
    bootstrapServers: {{ include "onchain-consumer.brokers" $root | quote }}
    {{- end }}
    consumerGroup: {{ $group.id | quote }}
    topic: {{ $topic | quote }}
    # Per pod. With the default of 10, any burst would scale to the maximum.
    lagThreshold: {{ include "onchain-consumer.lagPerPod" $root | quote }}
    activationLagThreshold: {{ int64 $root.Values.autoscaling.keda.activationLag | quote }}
    # Otherwise the metric ends at partitions x threshold, and because of the HPA's tolerance of 10 % the
    # last pods never start: 11 of 12. maxReplicaCount is the limit.
    allowIdleConsumers: "true"
    # As in the service; KEDA's default is latest. `none` counts nothing, as the service refuses it, too.
    offsetResetPolicy: {{ ternary "earliest" "latest" (eq "earliest" ($kafka.autoOffsetReset | default "earliest")) | quote }}
    scaleToZeroOnInvalidOffset: "false"
    # Each of these three would leave out lag that exists.
    excludePersistentLag: "false"
    ensureEvenDistributionOfPartitions: "false"
    limitToPartitionsWithLag: "false"
    {{- with get $mechanisms (dig "sasl" "mechanism" "" $kafka) }}
    {{- if include "onchain-consumer.usesSasl" $root }}
    sasl: {{ . }}
    {{- end }}
    {{- end }}
    tls: {{ if include "onchain-consumer.usesTls" $root }}enable{{ else }}disable{{ end }}
    unsafeSsl: "false"
  {{- if include "onchain-consumer.kedaHasCredentials" $root }}
  authenticationRef:
    name: {{ include "onchain-consumer.fullname" $root | toYaml }}
  {{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/*
The lag to scale by: that of a group is the sum over its topics, and the largest counts. Empty where
each group has one topic: then the HPA takes the largest by itself.
*/}}
{{- define "onchain-consumer.lagFormula" -}}
{{- $formula := "" -}}
{{- $isNeeded := false -}}
{{- range $group := include "onchain-consumer.groups" . | fromYamlArray -}}
{{- $terms := list -}}
{{- range $index, $topic := $group.topics }}{{ $terms = append $terms (printf "%stopic_%d" $group.prefix $index) }}{{ end -}}
{{- if gt (len $terms) 1 }}{{ $isNeeded = true }}{{ end -}}
{{- $sum := join " + " $terms -}}
{{- if $formula -}}
{{- $formula = printf "(%s > %s ? %s : %s)" $formula $sum $formula $sum -}}
{{- else -}}
{{- $formula = $sum -}}
{{- end -}}
{{- end -}}
{{- if $isNeeded }}{{ $formula }}{{ end -}}
{{- end -}}

{{/* The service's own figure, which has no upper limit, so the last pod is started, too. */}}
{{- define "onchain-consumer.metricsApiTrigger" -}}
- type: metrics-api
  name: scale
  metricType: AverageValue
  metadata:
    url: http://{{ include "onchain-consumer.fullname" . }}.{{ .Release.Namespace }}.svc:{{ int .Values.service.port }}/scale
    format: json
    valueLocation: scalingLag
    targetValue: {{ include "onchain-consumer.lagPerPod" . | quote }}
{{- end -}}

{{- define "onchain-consumer.prometheusTrigger" -}}
{{- with .Values.autoscaling.keda.prometheus }}
- type: prometheus
  name: lag
  metricType: AverageValue
  metadata:
    serverAddress: {{ .serverAddress | quote }}
    {{- /* A partition that just moved is told by two pods for one scrape: count it once. Each pod is a
    member of every group, so the group with the most lag decides. */}}
    {{- $pods := printf "namespace=%q,pod=~%q" $.Release.Namespace (include "onchain-consumer.podNames" $) }}
    {{- $query := printf "max(sum by (group) (max by (topic, partition, group) (onchain_consumer_partition_lag_records{%s})))" $pods }}
    query: {{ .query | default $query | quote }}
    threshold: {{ include "onchain-consumer.lagPerPod" $ | quote }}
    # No data is a failure, for which the fallback keeps the pods; it is not a lag of 0.
    ignoreNullValues: "false"
    {{- with .authModes }}
    authModes: {{ . | quote }}
    {{- end }}
  {{- with .authenticationRef }}
  authenticationRef:
    name: {{ . | toYaml }}
  {{- end }}
{{- end }}
{{- end -}}
