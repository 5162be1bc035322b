{{/*
Contradictions between values, which a schema cannot see. All of them are reported at once, each with
its key, its value and the remedy.
*/}}
{{- define "onchain-consumer.check" -}}
{{- $problems := concat
  (include "onchain-consumer.elsewhereProblems" . | fromYamlArray)
  (include "onchain-consumer.nameProblems" . | fromYamlArray)
  (include "onchain-consumer.kafkaProblems" . | fromYamlArray)
  (include "onchain-consumer.membershipProblems" . | fromYamlArray)
  (include "onchain-consumer.credentialProblems" . | fromYamlArray)
  (include "onchain-consumer.deadLetterProblems" . | fromYamlArray)
  (include "onchain-consumer.sinkProblems" . | fromYamlArray)
  (include "onchain-consumer.jobProblems" . | fromYamlArray)
  (include "onchain-consumer.handlerProblems" . | fromYamlArray)
  (include "onchain-consumer.scalingProblems" . | fromYamlArray)
  (include "onchain-consumer.podProblems" . | fromYamlArray) -}}
{{- if $problems -}}
{{- fail (printf "\n\n%d problem(s) in the values:\n\n  %s\n" (len $problems) (join "\n\n  " $problems)) -}}
{{- end -}}
{{- end -}}

{{/* One line of a list in YAML: key, what is wrong, remedy. */}}
{{- define "onchain-consumer.problem" -}}
- {{ printf "%s %s.\n    Remedy: %s." (index . 0) (index . 1) (index . 2) | toJson }}
{{ end -}}

{{/* The strictest of the objects of this name is the Service. */}}
{{- define "onchain-consumer.nameProblems" -}}
{{- $name := include "onchain-consumer.fullname" . -}}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" $name) -}}
{{- $key := ternary (printf "fullnameOverride = %q" .Values.fullnameOverride) (printf "the release %q" .Release.Name) (not (empty .Values.fullnameOverride)) -}}
{{- include "onchain-consumer.problem" (list $key (printf "makes the name %s, which no Service may have: it begins with a letter, and has lower-case letters, digits and hyphens alone" $name) "write such a name into fullnameOverride") -}}
{{- end -}}
{{- end -}}

{{- define "onchain-consumer.kafkaProblems" -}}
{{- $kafka := .Values.config.kafka | default dict -}}
{{- $brokers := include "onchain-consumer.brokers" . -}}
{{- if not (include "onchain-consumer.topics" .) -}}
{{- include "onchain-consumer.problem" (list "config.kafka.topics" "is missing" "name the topics to consume: --set config.kafka.topics={solana.transfers}") -}}
{{- end -}}
{{- if not $kafka.groupId -}}
{{- include "onchain-consumer.problem" (list "config.kafka.groupId" "is missing" "name the consumer group that all pods share: --set config.kafka.groupId=myuser-transfers") -}}
{{- end -}}
{{- if and $brokers .Values.brokers.existingConfigMap -}}
{{- include "onchain-consumer.problem" (list (printf "brokers.existingConfigMap = %q" .Values.brokers.existingConfigMap) "is set together with config.kafka.brokers" "remove one of them") -}}
{{- else if not (or $brokers .Values.brokers.existingConfigMap) -}}
{{- include "onchain-consumer.problem" (list "config.kafka.brokers" "is missing" "write host:port of your brokers, or name a ConfigMap in brokers.existingConfigMap") -}}
{{- end -}}
{{- range compact (splitList "," $brokers) -}}
{{- if regexMatch "^(localhost|127\\.|\\[::1\\])" . -}}
{{- include "onchain-consumer.problem" (list (printf "config.kafka.brokers = %q" .) "is the pod itself" "write the DNS name of the brokers' Service, such as kafka.kafka.svc.cluster.local:9092") -}}
{{- else if or (not (regexMatch "^(\\[[0-9a-fA-F:]+\\]|[a-zA-Z0-9._-]+):[0-9]{1,5}$" .)) (gt (splitList ":" . | last | int) 65535) -}}
{{- include "onchain-consumer.problem" (list (printf "config.kafka.brokers = %q" .) "is not host:port, with a port up to 65535" "write such an address, and an IPv6 address in brackets: [2001:db8::1]:9092") -}}
{{- end -}}
{{- end -}}
{{/* The chart needs these keys for mounts, scaling and ports, and cannot see them under other names. */}}
{{- $seen := dict "bootstrap.servers" "brokers" "metadata.broker.list" "brokers" "group.id" "groupId"
  "security.protocol" "securityProtocol" "sasl.mechanism" "sasl.mechanism" "sasl.mechanisms" "sasl.mechanism"
  "auto.offset.reset" "autoOffsetReset" "ssl.endpoint.identification.algorithm" "tls.verify" -}}
{{- range $name, $value := $kafka.properties -}}
{{- with get $seen $name -}}
{{- include "onchain-consumer.problem" (list (printf "config.kafka.properties.%q = %q" $name (toString $value)) "is needed by the chart too" (printf "write it as config.kafka.%s" .)) -}}
{{- end -}}
{{- end -}}
{{- $variables := dict "KAFKA_BOOTSTRAP_SERVERS" "brokers" "KAFKA_TOPICS" "topics" "KAFKA_GROUP_ID" "groupId"
  "KAFKA_SECURITY_PROTOCOL" "securityProtocol" "KAFKA_SASL_MECHANISM" "sasl.mechanism"
  "KAFKA_AUTO_OFFSET_RESET" "autoOffsetReset" "OCC_KAFKA_CONSUMERS" "consumers" -}}
{{- $forChart := dict "OCC_DEAD_LETTERS_TARGET" "config.deadLetters.target"
  "OCC_DEAD_LETTERS_FALLBACK" "config.deadLetters.fallback"
  "OCC_DEAD_LETTERS_KAFKA_BROKERS" "config.deadLetters.kafka.brokers"
  "OCC_DEAD_LETTERS_KAFKA_SECURITY_PROTOCOL" "config.deadLetters.kafka.securityProtocol"
  "HTTP_PORT" "config.http.port" "OCC_HTTP_HOST" "config.http.host" "OCC_FLOW_DRAIN" "config.flow.drain"
  "OCC_KUBERNETES_LEASE_NAME" "config.kubernetes.leaseName"
  "OCC_KUBERNETES_PARTITION_SYNC_ENABLED" "kubernetes.partitionSync.enabled"
  "OCC_KUBERNETES_SCALING_HOLD_ENABLED" "kubernetes.scalingHold.enabled"
  "OCC_KUBERNETES_EVENTS_ENABLED" "kubernetes.events.enabled"
  "OCC_KUBERNETES_DELETION_COST_ENABLED" "kubernetes.deletionCost.enabled" -}}
{{- range .Values.extraEnv -}}
{{- $name := .name -}}
{{- with get $variables $name -}}
{{- include "onchain-consumer.problem" (list (printf "extraEnv %s" $name) "would be seen by the pods, but not by the autoscaler" (printf "set config.kafka.%s" .)) -}}
{{- end -}}
{{- with get $forChart $name -}}
{{- include "onchain-consumer.problem" (list (printf "extraEnv %s" $name) "would be seen by the pods, but not by the chart, which makes volumes, ports and rights for what it says" (printf "set %s" .)) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The name of a static member belongs to one pod, for as long as the pod exists. */}}
{{- define "onchain-consumer.membershipProblems" -}}
{{- $kafka := .Values.config.kafka | default dict -}}
{{- $names := dict "config.kafka.groupInstanceId" ($kafka.groupInstanceId | default "")
  "config.kafka.properties.\"group.instance.id\"" (get ($kafka.properties | default dict) "group.instance.id") -}}
{{- range .Values.extraEnv -}}
{{- if eq .name "KAFKA_GROUP_INSTANCE_ID" }}{{ $_ := set $names "extraEnv KAFKA_GROUP_INSTANCE_ID" (.value | default "") }}{{ end -}}
{{- end -}}
{{- range $key, $name := $names -}}
{{- if $name -}}
{{- include "onchain-consumer.problem" (list (printf "%s = %q" $key (toString $name)) "is one name for all pods: each would remove the others from the group" "remove it, or set staticMembership, which gives each pod its own name") -}}
{{- end -}}
{{- end -}}
{{- if and .Values.staticMembership (ne .Values.autoscaling.mode "none") -}}
{{- include "onchain-consumer.problem" (list "staticMembership" (printf "is set together with autoscaling.mode = %s: each pod that is scaled down would leave its partitions without an owner until its session ends" .Values.autoscaling.mode) "remove it, or set autoscaling.mode to none") -}}
{{- end -}}
{{- end -}}

{{- define "onchain-consumer.credentialProblems" -}}
{{- $protocol := include "onchain-consumer.protocol" . -}}
{{- if include "onchain-consumer.usesSasl" . -}}
{{- if not .Values.sasl.existingSecret -}}
{{- include "onchain-consumer.problem" (list "sasl.existingSecret" (printf "is missing, and config.kafka.securityProtocol is %s" $protocol) (printf "kubectl create secret generic kafka-user --from-literal=%s=... --from-file=%s=..., and name it" .Values.sasl.usernameKey .Values.sasl.passwordKey)) -}}
{{- end -}}
{{- if not (dig "kafka" "sasl" "mechanism" "" .Values.config) -}}
{{- include "onchain-consumer.problem" (list "config.kafka.sasl.mechanism" (printf "is missing, and config.kafka.securityProtocol is %s" $protocol) "write PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512") -}}
{{- end -}}
{{- else if .Values.sasl.existingSecret -}}
{{- include "onchain-consumer.problem" (list (printf "sasl.existingSecret = %q" .Values.sasl.existingSecret) (printf "would not be used, because config.kafka.securityProtocol is %s" $protocol) "set it to SASL_SSL, or remove the Secret") -}}
{{- end -}}
{{- if and (not (include "onchain-consumer.usesTls" .)) (or .Values.tls.existingSecret .Values.tls.existingCaSecret) -}}
{{- include "onchain-consumer.problem" (list (printf "tls.existingSecret = %q" (.Values.tls.existingSecret | default .Values.tls.existingCaSecret)) (printf "would not be used, because config.kafka.securityProtocol is %s" $protocol) "set it to SASL_SSL or SSL, or remove the Secret") -}}
{{- end -}}
{{- end -}}

{{- define "onchain-consumer.podProblems" -}}
{{- $drain := dig "flow" "drain" "20s" .Values.config -}}
{{- $needed := add (include "onchain-consumer.milliseconds" $drain | int64) 10000 -}}
{{- if lt (mul (int64 .Values.terminationGracePeriodSeconds) 1000) $needed -}}
{{- include "onchain-consumer.problem" (list (printf "terminationGracePeriodSeconds = %d" (int64 .Values.terminationGracePeriodSeconds)) (printf "is less than config.flow.drain = %s and 10 s for the last commit and leaving the group: the pod would be killed in between" (include "onchain-consumer.plain" $drain)) (printf "write %d or more, or lower config.flow.drain" (div (add $needed 999) 1000))) -}}
{{- end -}}
{{- $limit := dig "limits" "memory" "" (.Values.resources | default dict) -}}
{{- $buffer := dig "flow" "maxBytes" "" .Values.config -}}
{{- if and $limit $buffer (ge (include "onchain-consumer.bytes" $buffer | int64) (include "onchain-consumer.bytes" $limit | int64)) -}}
{{- include "onchain-consumer.problem" (list (printf "config.flow.maxBytes = %s" (include "onchain-consumer.plain" $buffer)) (printf "is not below resources.limits.memory = %v: with a backlog the pods would run out of memory" $limit) "lower it, or remove the key (a quarter of the limit), or raise the limit") -}}
{{- end -}}
{{- if eq (include "onchain-consumer.httpPort" .) "0" -}}
{{- include "onchain-consumer.problem" (list "config.http.port = 0" "is any free port, which the probes cannot know" "write 8080, or remove the key") -}}
{{- end -}}
{{- with dig "http" "host" "" .Values.config -}}
{{- if regexMatch "^(localhost|127\\.|::1$)" . -}}
{{- include "onchain-consumer.problem" (list (printf "config.http.host = %q" .) "is the pod itself: no probe would reach it, and the pods would be restarted again and again" "remove the key; networkPolicy.ingressFrom says who may connect") -}}
{{- end -}}
{{- end -}}
{{- range $name := list "checksum/config" "onchain-consumer/admin-token" -}}
{{- if hasKey ($.Values.podAnnotations | default dict) $name -}}
{{- include "onchain-consumer.problem" (list (printf "podAnnotations.%q" $name) "is an annotation that the chart writes itself" "give it another name, such as checksum/mine") -}}
{{- end -}}
{{- end -}}
{{- range $name, $feature := .Values.kubernetes -}}
{{- if and (dig "kubernetes" $name "enabled" false $.Values.config) (not $feature.enabled) -}}
{{- include "onchain-consumer.problem" (list (printf "config.kubernetes.%s.enabled" $name) "needs a Role and a token, which the chart adds for its own key" (printf "set kubernetes.%s.enabled" $name)) -}}
{{- end -}}
{{- end -}}
{{- if and .Values.kubernetes.partitionSync.enabled (eq .Values.autoscaling.mode "none") -}}
{{- include "onchain-consumer.problem" (list "kubernetes.partitionSync.enabled" "has no maximum to keep, because autoscaling.mode is none" "set autoscaling.mode to keda or hpa, or switch it off") -}}
{{- end -}}
{{- if and .Values.kubernetes.scalingHold.enabled (not (and .Values.kubernetes.partitionSync.enabled (eq .Values.autoscaling.mode "keda"))) -}}
{{- include "onchain-consumer.problem" (list "kubernetes.scalingHold.enabled" "needs a ScaledObject that the partition sync keeps" "set autoscaling.mode to keda and kubernetes.partitionSync.enabled, or switch it off") -}}
{{- end -}}
{{- if and .Values.monitoring.serviceMonitor.enabled .Values.monitoring.podMonitor.enabled -}}
{{- include "onchain-consumer.problem" (list "monitoring.podMonitor.enabled" "is set together with monitoring.serviceMonitor.enabled: each pod would be counted twice" "switch one of them off") -}}
{{- end -}}
{{- if and .Values.networkPolicy.enabled .Values.brokers.existingConfigMap (not .Values.networkPolicy.brokerPorts) -}}
{{- include "onchain-consumer.problem" (list "networkPolicy.brokerPorts" "is missing, and the addresses in brokers.existingConfigMap are not known here" "name the brokers' ports, such as [9093]") -}}
{{- end -}}
{{- end -}}
