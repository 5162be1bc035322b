{{/*
The service's configuration: what the user wrote under `config`, over what follows from the other
values. Paths are those that _pod.tpl mounts.
*/}}
{{- define "onchain-consumer.config" -}}
{{- $derived := dict "kafka" (dict) -}}
{{- $kafka := $derived.kafka -}}
{{- if include "onchain-consumer.usesSasl" . -}}
{{- $given := dig "kafka" "sasl" dict .Values.config -}}
{{- $sasl := dict "passwordFile" (printf "/etc/onchain-consumer/sasl/%s" .Values.sasl.passwordKey) -}}
{{- if not (or $given.username $given.usernameFile) -}}
{{- $_ := set $sasl "usernameFile" (printf "/etc/onchain-consumer/sasl/%s" .Values.sasl.usernameKey) -}}
{{- end -}}
{{- $_ := set $kafka "sasl" $sasl -}}
{{- end -}}
{{- if include "onchain-consumer.usesTls" . -}}
{{- $tls := dict -}}
{{- if include "onchain-consumer.caSecret" . -}}
{{- $folder := ternary "ca" "tls" (ne .Values.tls.existingCaSecret "") -}}
{{- $_ := set $tls "caFile" (printf "/etc/onchain-consumer/%s/%s" $folder .Values.tls.caKey) -}}
{{- end -}}
{{- if include "onchain-consumer.usesClientCertificate" . -}}
{{- $_ := set $tls "certificateFile" (printf "/etc/onchain-consumer/tls/%s" .Values.tls.certificateKey) -}}
{{- $_ := set $tls "keyFile" (printf "/etc/onchain-consumer/tls/%s" .Values.tls.privateKeyKey) -}}
{{- with .Values.tls.passphraseKey -}}
{{- $_ := set $tls "keyPassphraseFile" (printf "/etc/onchain-consumer/tls/%s" .) -}}
{{- end -}}
{{- end -}}
{{- if $tls }}{{ $_ := set $kafka "tls" $tls }}{{ end -}}
{{- end -}}
{{- if not .Values.failedRecords.existingClaim -}}
{{- $file := "/var/lib/onchain-consumer/failed-records/failed.ndjson" -}}
{{- $_ := set $derived "sink" (dict "failedRecords" (dict "file" $file)) -}}
{{- end -}}
{{- $lagPerPod := include "onchain-consumer.lagPerPod" . | int64 -}}
{{- if $lagPerPod }}{{ $_ := set $derived "scaling" (dict "lagPerPod" $lagPerPod) }}{{ end -}}
{{- if include "onchain-consumer.usesApiServer" . -}}
{{- $kubernetes := dict "leaseName" (include "onchain-consumer.leaseName" .) -}}
{{- with .Values.kubernetes -}}
{{- if .partitionSync.enabled -}}
{{- $kind := ternary "ScaledObject" "HorizontalPodAutoscaler" (eq $.Values.autoscaling.mode "keda") -}}
{{- $sync := dict "enabled" true "kind" $kind "name" (include "onchain-consumer.fullname" $) -}}
{{- $_ := set $kubernetes "partitionSync" $sync -}}
{{- end -}}
{{- if .events.enabled }}{{ $_ := set $kubernetes "events" (dict "enabled" true) }}{{ end -}}
{{- if .deletionCost.enabled }}{{ $_ := set $kubernetes "deletionCost" (dict "enabled" true) }}{{ end -}}
{{- end -}}
{{- $_ := set $derived "kubernetes" $kubernetes -}}
{{- end -}}
{{- toYaml (mergeOverwrite $derived (deepCopy .Values.config)) -}}
{{- end -}}
