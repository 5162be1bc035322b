{{/* Facts that follow from the values. As an answer, "" is no and anything else is yes. */}}

{{/* Milliseconds of a duration as the service writes them: 45s, 5m, 500ms, 20000. */}}
{{- define "onchain-consumer.milliseconds" -}}
{{- if kindIs "string" . -}}
{{- $text := lower . -}}
{{- $unit := regexFind "[a-z]+" $text | default "ms" -}}
{{- $factor := get (dict "ms" 1 "s" 1000 "m" 60000 "min" 60000 "h" 3600000 "d" 86400000) $unit -}}
{{- mulf (regexFind "[0-9.]+" $text | float64) (default 1 $factor) | int64 -}}
{{- else -}}
{{- int64 . -}}
{{- end -}}
{{- end -}}

{{/* Bytes of a size: 1GiB, 64Mi, 1MB, 1048576. */}}
{{- define "onchain-consumer.bytes" -}}
{{- if kindIs "string" . -}}
{{- $text := lower . -}}
{{- $unit := regexFind "[a-z]+" $text | trimSuffix "b" -}}
{{- $factor := get (dict "" 1 "k" 1000 "m" 1000000 "g" 1000000000 "t" 1000000000000
  "ki" 1024 "mi" 1048576 "gi" 1073741824 "ti" 1099511627776) $unit -}}
{{- mulf (regexFind "[0-9.]+" $text | float64) (default 1 $factor) | int64 -}}
{{- else -}}
{{- int64 . -}}
{{- end -}}
{{- end -}}

{{/* A number or a text for a message: helm's numbers are floats, and %v writes 2.0260131e+07. */}}
{{- define "onchain-consumer.plain" -}}
{{- . | toJson | trimAll "\"" -}}
{{- end -}}

{{/* A list, or text with commas, as text with commas: the service accepts both. */}}
{{- define "onchain-consumer.joined" -}}
{{- if kindIs "slice" . -}}
{{- join "," . | replace " " "" -}}
{{- else -}}
{{- . | default "" | replace " " "" | splitList "," | compact | join "," -}}
{{- end -}}
{{- end -}}

{{- define "onchain-consumer.topics" -}}
{{- include "onchain-consumer.joined" (dig "kafka" "topics" "" .Values.config) -}}
{{- end -}}

{{/* Topics that match patterns with *, as text with commas. Argument: the topics, the patterns. */}}
{{- define "onchain-consumer.matchingTopics" -}}
{{- $pattern := printf "^(%s)$" (join "|" (index . 1) | replace "." "\\." | replace "*" ".*") -}}
{{- $found := list -}}
{{- range index . 0 }}{{ if regexMatch $pattern . }}{{ $found = append $found . }}{{ end }}{{ end -}}
{{- join "," $found -}}
{{- end -}}

{{/*
The consumer groups of the service, as src/app/units/units.ts makes them: `id`, `topics`, and `prefix` for
names. The group of the service is the first, if it has a handler, a rule of alerts about events, or there is no
handler at all.
*/}}
{{- define "onchain-consumer.groups" -}}
{{- $groupId := dig "kafka" "groupId" "" .Values.config -}}
{{- $topics := include "onchain-consumer.topics" . | splitList "," -}}
{{- $shared := list -}}
{{- $own := list -}}
{{- range .Values.config.handlers -}}
{{- $patterns := include "onchain-consumer.joined" (.topics | default "*") | splitList "," -}}
{{- if eq (.group | default "shared") "own" -}}
{{- $own = append $own (dict "name" .name "patterns" $patterns) -}}
{{- else -}}
{{- $shared = concat $shared $patterns -}}
{{- end -}}
{{- end -}}
{{- range .Values.config.alerts -}}
{{- if not (or .silence .lag .headroom .deadLetters) -}}
{{- $shared = concat $shared (include "onchain-consumer.joined" (.topics | default "*") | splitList ",") -}}
{{- end -}}
{{- end -}}
{{- $groups := list -}}
{{- if or $shared (not $own) -}}
{{- $ownPatterns := list -}}
{{- range $own }}{{ $ownPatterns = concat $ownPatterns .patterns }}{{ end -}}
{{- $taken := include "onchain-consumer.matchingTopics" (list $topics $ownPatterns) | splitList "," -}}
{{- $kept := include "onchain-consumer.matchingTopics" (list $topics $shared) | splitList "," -}}
{{- $left := list -}}
{{- range $topics }}{{ if or (has . $kept) (not (has . $taken)) }}{{ $left = append $left . }}{{ end }}{{ end -}}
{{- $groups = append $groups (dict "id" $groupId "topics" $left "prefix" "") -}}
{{- end -}}
{{- range $index, $each := $own -}}
{{- $matching := include "onchain-consumer.matchingTopics" (list $topics $each.patterns) | splitList "," -}}
{{- $groups = append $groups (dict "id" (printf "%s.%s" $groupId $each.name) "topics" $matching "prefix" (printf "own_%d_" $index)) -}}
{{- end -}}
{{- toYaml $groups -}}
{{- end -}}

{{- define "onchain-consumer.brokers" -}}
{{- include "onchain-consumer.joined" (dig "kafka" "brokers" "" .Values.config) -}}
{{- end -}}

{{- define "onchain-consumer.protocol" -}}
{{- dig "kafka" "securityProtocol" "PLAINTEXT" .Values.config -}}
{{- end -}}

{{- define "onchain-consumer.usesSasl" -}}
{{- if hasPrefix "SASL" (include "onchain-consumer.protocol" .) }}yes{{ end -}}
{{- end -}}

{{- define "onchain-consumer.usesTls" -}}
{{- if hasSuffix "SSL" (include "onchain-consumer.protocol" .) }}yes{{ end -}}
{{- end -}}

{{/* Name of the Secret that holds the CAs, if there is one. */}}
{{- define "onchain-consumer.caSecret" -}}
{{- if .Values.tls.caKey }}{{ .Values.tls.existingCaSecret | default .Values.tls.existingSecret }}{{ end -}}
{{- end -}}

{{/* Whether the pods authenticate with a client certificate. */}}
{{- define "onchain-consumer.usesClientCertificate" -}}
{{- if and .Values.tls.existingSecret .Values.tls.certificateKey }}yes{{ end -}}
{{- end -}}

{{- define "onchain-consumer.usesApiServer" -}}
{{- with .Values.kubernetes -}}
{{- if or .partitionSync.enabled .scalingHold.enabled .events.enabled .deletionCost.enabled }}yes{{ end -}}
{{- end -}}
{{- end -}}

{{/* Whether the pods elect a leader. */}}
{{- define "onchain-consumer.usesLease" -}}
{{- if or .Values.kubernetes.partitionSync.enabled .Values.kubernetes.events.enabled }}yes{{ end -}}
{{- end -}}

{{- define "onchain-consumer.leaseName" -}}
{{- dig "kubernetes" "leaseName" (include "onchain-consumer.fullname" .) .Values.config -}}
{{- end -}}

{{- define "onchain-consumer.httpPort" -}}
{{- dig "http" "port" 8080 .Values.config | int -}}
{{- end -}}

{{/* Records of lag per pod; 0: not set. */}}
{{- define "onchain-consumer.lagPerPod" -}}
{{- with .Values.autoscaling -}}
{{- if .lagPerPod -}}
{{- int64 .lagPerPod -}}
{{- else -}}
{{- mulf .maxLagSeconds .recordsPerSecondPerPod | ceil | int64 -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/*
Max number of pods that can have work: each has `kafka.consumers` members, and each member needs a
partition. The partition sync may have raised the maximum: an upgrade that lowered it again would remove
pods at once, so the higher of the two is kept. (`helm template` does not see the cluster.)
*/}}
{{- define "onchain-consumer.maxReplicas" -}}
{{- $consumers := dig "kafka" "consumers" 1 .Values.config -}}
{{- $max := divf (float64 .Values.autoscaling.partitions) (float64 $consumers) | ceil | int -}}
{{- if .Values.kubernetes.partitionSync.enabled -}}
{{- $name := include "onchain-consumer.fullname" . -}}
{{- $live := dict -}}
{{- if eq .Values.autoscaling.mode "keda" -}}
{{- $live = lookup "keda.sh/v1alpha1" "ScaledObject" .Release.Namespace $name -}}
{{- $max = max $max (dig "spec" "maxReplicaCount" 0 $live) -}}
{{- else if eq .Values.autoscaling.mode "hpa" -}}
{{- $live = lookup "autoscaling/v2" "HorizontalPodAutoscaler" .Release.Namespace $name -}}
{{- $max = max $max (dig "spec" "maxReplicas" 0 $live) -}}
{{- end -}}
{{- end -}}
{{- $max -}}
{{- end -}}

{{/* Ports of addresses in the service's configuration: the registry of schemas, webhooks, brokers of sinks. */}}
{{- define "onchain-consumer.configuredPorts" -}}
{{- $urls := list (dig "decode" "registry" "url" "" .Values.config) -}}
{{- $ports := list -}}
{{- range .Values.config.sinks -}}
{{- $urls = append $urls (.url | default "") -}}
{{- range include "onchain-consumer.joined" .brokers | splitList "," | compact }}{{ $ports = append $ports (splitList ":" . | last) }}{{ end -}}
{{- end -}}
{{- range compact $urls -}}
{{- $url := urlParse . -}}
{{- $port := regexFind ":[0-9]+$" $url.host | trimPrefix ":" -}}
{{- $ports = append $ports ($port | default (ternary "80" "443" (eq $url.scheme "http"))) -}}
{{- end -}}
{{- $ports | uniq | toYaml -}}
{{- end -}}
