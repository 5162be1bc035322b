{{/* Sinks of type postgres and webhook: their Secrets, and what does not go together. */}}

{{- define "onchain-consumer.sinkFolder" -}}
/etc/onchain-consumer/sinks/{{ . }}
{{- end -}}

{{/* A volume's name is a DNS label; a sink's need not be one. */}}
{{- define "onchain-consumer.sinkVolume" -}}
sink-{{ sha256sum . | trunc 10 }}
{{- end -}}

{{/* `sinks` of the service's configuration: the files that are mounted. */}}
{{- define "onchain-consumer.sinksConfig" -}}
{{- $sinks := dict -}}
{{- range $name, $secret := .Values.sinkSecrets -}}
{{- $folder := include "onchain-consumer.sinkFolder" $name -}}
{{- $sink := index ($.Values.config.sinks | default dict) $name | default dict -}}
{{- $hasToken := has ($sink.template | default "") (list "telegram" "pagerduty") -}}
{{- $keys := dict "urlFile" $secret.urlKey "caFile" $secret.caKey "secretFile" $secret.secretKey "tokenFile" $secret.tokenKey "headersFile" $secret.headersKey -}}
{{- if $hasToken }}{{ $_ := set $keys "tokenFile" ($secret.tokenKey | default "token") -}}
{{- else if not $sink.url }}{{ $_ := set $keys "urlFile" ($secret.urlKey | default "url") }}{{ end -}}
{{- $files := dict -}}
{{- range $file, $key := $keys -}}
{{- if $key }}{{ $_ := set $files $file (printf "%s/%s" $folder $key) }}{{ end -}}
{{- end -}}
{{- $_ := set $sinks $name $files -}}
{{- end -}}
{{- toYaml $sinks -}}
{{- end -}}

{{- define "onchain-consumer.sinkProblems" -}}
{{- $sinks := .Values.config.sinks | default dict -}}
{{- range $name, $secret := .Values.sinkSecrets -}}
{{- if not (has (dig $name "type" "" $sinks) (list "postgres" "webhook")) -}}
{{- include "onchain-consumer.problem" (list (printf "sinkSecrets.%s" $name) (printf "would not be used: config.sinks.%s is no sink of type postgres or webhook" $name) "write such a sink, or remove the Secret") -}}
{{- end -}}
{{- end -}}
{{- range $name, $_ := .Values.migrateJob.sinkSecrets -}}
{{- if not (hasKey ($.Values.sinkSecrets | default dict) $name) -}}
{{- include "onchain-consumer.problem" (list (printf "migrateJob.sinkSecrets.%s" $name) (printf "takes the place of sinkSecrets.%s, which is missing" $name) "name a sink of sinkSecrets, or remove it") -}}
{{- end -}}
{{- end -}}
{{- $records := gt (include "onchain-consumer.milliseconds" (dig "offsets" "record" "every" "0s" .Values.config) | int64) 0 -}}
{{- $makesTables := or $records (eq (dig "offsets" "store" "" .Values.config) "postgres") (eq (dig "parked" "store" "" .Values.config) "postgres") -}}
{{- range $name, $sink := $sinks -}}
{{- if eq ($sink.type | default "") "postgres" -}}
{{- if $sink.events }}{{ $makesTables = true }}{{ end -}}
{{- if not (or $sink.urlFile (hasKey ($.Values.sinkSecrets | default dict) $name)) -}}
{{- include "onchain-consumer.problem" (list (printf "sinkSecrets.%s" $name) (printf "is missing, and config.sinks.%s is of type postgres" $name) (printf "kubectl create secret generic %s --from-literal=url=postgresql://..., and name it in sinkSecrets.%s.existingSecret" $name $name)) -}}
{{- end -}}
{{- include "onchain-consumer.connectionProblems" (list $ $name $sink) -}}
{{- else if eq ($sink.type | default "") "webhook" -}}
{{- $key := ternary "token" "url" (has ($sink.template | default "") (list "telegram" "pagerduty")) -}}
{{- if not (or $sink.url $sink.urlFile $sink.tokenFile (hasKey ($.Values.sinkSecrets | default dict) $name)) -}}
{{- include "onchain-consumer.problem" (list (printf "sinkSecrets.%s" $name) (printf "is missing, and config.sinks.%s is a webhook without a URL" $name) (printf "kubectl create secret generic %s --from-literal=%s=..., and name it in sinkSecrets.%s.existingSecret" $name $key $name)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and .Values.migrateJob.enabled (not $makesTables) -}}
{{- include "onchain-consumer.problem" (list "migrateJob.enabled" "has no table to make: no sink has the key events, neither config.offsets.store nor config.parked.store is postgres, and config.offsets.record.every is 0s" "set config.sinks.<name>.events, or remove it") -}}
{{- end -}}
{{- $isHidden := or .Values.sinkSecrets (dig "offsets" "postgres" "urlFile" "" .Values.config) (dig "parked" "postgres" "urlFile" "" .Values.config) -}}
{{- range $sinks }}{{ $isHidden = or $isHidden .urlFile .tokenFile }}{{ end -}}
{{- if and .Values.networkPolicy.enabled $isHidden (not .Values.networkPolicy.sinkPorts) -}}
{{- include "onchain-consumer.problem" (list "networkPolicy.sinkPorts" "is missing, and addresses of sinks or of the database are in Secrets" "name their ports, such as [5432] for a database and [443] for a webhook") -}}
{{- end -}}
{{- end -}}

{{/* The connections of all pods, those that an upgrade adds included, within what the sink allows. */}}
{{- define "onchain-consumer.connectionProblems" -}}
{{- $root := index . 0 -}}
{{- $name := index . 1 -}}
{{- $sink := index . 2 -}}
{{- if $sink.connectionLimit -}}
{{- $pods := int $root.Values.replicaCount -}}
{{- if ne $root.Values.autoscaling.mode "none" }}{{ $pods = include "onchain-consumer.maxReplicas" $root | int }}{{ end -}}
{{- $surge := include "onchain-consumer.updateStrategy" $root | fromYaml | dig "rollingUpdate" "maxSurge" 0 | toString -}}
{{- if hasSuffix "%" $surge -}}
{{- $pods = add $pods (divf (mulf $pods (trimSuffix "%" $surge | float64)) 100 | ceil) | int -}}
{{- else -}}
{{- $pods = add $pods (int $surge) | int -}}
{{- end -}}
{{- $each := $sink.maxConnections | default 2 | int -}}
{{- $most := mul $pods $each | int -}}
{{- if gt $most (int $sink.connectionLimit) -}}
{{- include "onchain-consumer.problem" (list (printf "config.sinks.%s.connectionLimit = %d" $name (int $sink.connectionLimit)) (printf "is below the %d connections of %d pods, those that an upgrade adds included, with %d each (maxConnections)" $most $pods $each) "lower maxConnections or the number of pods, or use a pooler and raise it") -}}
{{- end -}}
{{- end -}}
{{- end -}}
