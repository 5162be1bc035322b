{{/*
The service's configuration: the user's `config` over the keys that follow from other values. The paths
are those that _pod.tpl mounts.
*/}}
{{- define "onchain-consumer.config" -}}
{{- $consumed := first (include "onchain-consumer.clusters" . | fromYamlArray) -}}
{{- $derived := dict "kafka" (include "onchain-consumer.clusterConfig" $consumed | fromYaml) -}}
{{- with include "onchain-consumer.deadLettersConfig" . | fromYaml }}{{ $_ := set $derived "deadLetters" . }}{{ end -}}
{{- if .Values.schemas.existingConfigMaps -}}
{{- $_ := set $derived "decode" (dict "protobuf" (dict "schemas" (include "onchain-consumer.schemasFolder" .))) -}}
{{- end -}}
{{- with include "onchain-consumer.sinksConfig" . | fromYaml }}{{ $_ := set $derived "sinks" . }}{{ end -}}
{{- if .Values.admin.existingSecret -}}
{{- $admin := dict "tokenFile" (printf "/etc/onchain-consumer/admin/%s" .Values.admin.tokenKey) -}}
{{- with .Values.admin.readTokenKey }}{{ $_ := set $admin "readTokenFile" (printf "/etc/onchain-consumer/admin/%s" .) }}{{ end -}}
{{- $_ := set $derived "admin" $admin -}}
{{- end -}}
{{- /* Of the namespace of the pods, whichever that is. */}}
{{- $_ := set $derived "http" (dict "peers" (list (include "onchain-consumer.suffixed" (list . "peers")))) -}}
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
{{- if .scalingHold.enabled }}{{ $_ := set $kubernetes "scalingHold" (dict "enabled" true) }}{{ end -}}
{{- if .events.enabled }}{{ $_ := set $kubernetes "events" (dict "enabled" true) }}{{ end -}}
{{- if .deletionCost.enabled }}{{ $_ := set $kubernetes "deletionCost" (dict "enabled" true) }}{{ end -}}
{{- end -}}
{{- $_ := set $derived "kubernetes" $kubernetes -}}
{{- end -}}
{{- include "onchain-consumer.putOver" (list $derived (deepCopy .Values.config)) -}}
{{- toYaml $derived -}}
{{- end -}}

{{/*
Puts the keys of the second over those of the first, also what is empty (`[]`, `false`, 0), which
mergeOverwrite passes by. Arguments: two maps, of which the first is changed.
*/}}
{{- define "onchain-consumer.putOver" -}}
{{- $under := index . 0 -}}
{{- range $key, $value := index . 1 -}}
{{- $before := get $under $key -}}
{{- if and (kindIs "map" $value) (kindIs "map" $before) -}}
{{- include "onchain-consumer.putOver" (list $before $value) -}}
{{- else if not (kindIs "invalid" $value) -}}
{{- $_ := set $under $key $value -}}
{{- end -}}
{{- end -}}
{{- end -}}
