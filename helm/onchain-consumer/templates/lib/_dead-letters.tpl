{{/* Where dead letters are kept: what follows from it, and contradictions. */}}

{{- define "onchain-consumer.deadLettersTarget" -}}
{{- dig "deadLetters" "target" "file" .Values.config -}}
{{- end -}}

{{/* Whether they are in files: all of them, or those that the target does not take. */}}
{{- define "onchain-consumer.deadLettersInFiles" -}}
{{- if or (eq (include "onchain-consumer.deadLettersTarget" .) "file") (eq (dig "deadLetters" "fallback" "none" .Values.config) "file") }}yes{{ end -}}
{{- end -}}

{{- define "onchain-consumer.deadLettersBrokers" -}}
{{- include "onchain-consumer.joined" (dig "deadLetters" "kafka" "brokers" "" .Values.config) -}}
{{- end -}}

{{/* Whether they go to another Kafka than the one that is consumed. */}}
{{- define "onchain-consumer.deadLettersElsewhere" -}}
{{- if and (eq (include "onchain-consumer.deadLettersTarget" .) "kafka") (include "onchain-consumer.deadLettersBrokers" .) }}yes{{ end -}}
{{- end -}}

{{/* Name of the Secret with the URL of the database, if that is their target. */}}
{{- define "onchain-consumer.deadLettersPostgres" -}}
{{- if eq (include "onchain-consumer.deadLettersTarget" .) "postgres" }}{{ .Values.deadLetters.postgres.existingSecret }}{{ end -}}
{{- end -}}

{{- define "onchain-consumer.deadLettersFolder" -}}
/var/lib/onchain-consumer/dead-letters
{{- end -}}

{{/* `deadLetters` of the service's configuration. */}}
{{- define "onchain-consumer.deadLettersConfig" -}}
{{- $config := dict -}}
{{- if include "onchain-consumer.deadLettersInFiles" . -}}
{{- $_ := set $config "file" (dict "folder" (include "onchain-consumer.deadLettersFolder" .)) -}}
{{- end -}}
{{- if include "onchain-consumer.deadLettersElsewhere" . -}}
{{- $cluster := last (include "onchain-consumer.clusters" . | fromYamlArray) -}}
{{- with include "onchain-consumer.clusterConfig" $cluster | fromYaml }}{{ $_ := set $config "kafka" . }}{{ end -}}
{{- else if include "onchain-consumer.deadLettersPostgres" . -}}
{{- $postgres := dict "urlFile" (printf "/etc/onchain-consumer/postgres/%s" .Values.deadLetters.postgres.urlKey) -}}
{{- with .Values.deadLetters.postgres.caKey }}{{ $_ := set $postgres "caFile" (printf "/etc/onchain-consumer/postgres/%s" .) }}{{ end -}}
{{- $_ := set $config "postgres" $postgres -}}
{{- end -}}
{{- toYaml $config -}}
{{- end -}}

{{- define "onchain-consumer.deadLetterProblems" -}}
{{- $target := include "onchain-consumer.deadLettersTarget" . -}}
{{- $own := .Values.deadLetters -}}
{{- $config := .Values.config.deadLetters | default dict -}}
{{- if include "onchain-consumer.deadLettersInFiles" . -}}
{{- $folder := include "onchain-consumer.deadLettersFolder" . -}}
{{- $wanted := dig "file" "folder" $folder $config -}}
{{- if and (not (hasPrefix $folder $wanted)) (not .Values.extraVolumeMounts) -}}
{{- include "onchain-consumer.problem" (list (printf "config.deadLetters.file.folder = %q" $wanted) "is on the root file system, which nobody can write" (printf "remove it: %s is used, on the volume of deadLetters.existingClaim; or mount a volume there with extraVolumeMounts" $folder)) -}}
{{- end -}}
{{- $most := dig "file" "maxBytes" "1GiB" $config -}}
{{- if and (not $own.existingClaim) (le (include "onchain-consumer.bytes" $own.sizeLimit | int64) (include "onchain-consumer.bytes" $most | int64)) -}}
{{- include "onchain-consumer.problem" (list (printf "deadLetters.sizeLimit = %v" $own.sizeLimit) (printf "is not above config.deadLetters.file.maxBytes = %s: the pod would be evicted, and its dead letters lost" (include "onchain-consumer.plain" $most)) "raise it, or lower config.deadLetters.file.maxBytes") -}}
{{- end -}}
{{- $disk := dig "limits" "ephemeral-storage" "" (.Values.resources | default dict) -}}
{{- if and $disk (not $own.existingClaim) (le (include "onchain-consumer.bytes" $disk | int64) (include "onchain-consumer.bytes" $most | int64)) -}}
{{- include "onchain-consumer.problem" (list (printf "resources.limits.ephemeral-storage = %v" $disk) (printf "is not above config.deadLetters.file.maxBytes = %s: the pod would be evicted, and its dead letters lost" (include "onchain-consumer.plain" $most)) "raise it, with its request, or lower config.deadLetters.file.maxBytes, or name a claim in deadLetters.existingClaim") -}}
{{- end -}}
{{- $replays := and .Values.replayJob.enabled (not .Values.replayJob.dryRun) -}}
{{- if and $replays (eq $target "file") (not $own.existingClaim) -}}
{{- include "onchain-consumer.problem" (list "replayJob.enabled" "would keep dead letters on the disk of its own pod, and they would be lost with it" "name a claim in deadLetters.existingClaim, or set config.deadLetters.target to kafka or postgres") -}}
{{- end -}}
{{- if and .Values.redriveJob.enabled (eq $target "file") (not $own.existingClaim) -}}
{{- include "onchain-consumer.problem" (list "redriveJob.enabled" "cannot see the files on the pods' own disks" "name a claim in deadLetters.existingClaim, set config.deadLetters.target to kafka or postgres, or use kubectl exec in the pods") -}}
{{- end -}}
{{- else if $own.existingClaim -}}
{{- include "onchain-consumer.problem" (list (printf "deadLetters.existingClaim = %q" $own.existingClaim) (printf "would not be used, because config.deadLetters.target is %s" $target) "set that to file (or config.deadLetters.fallback), or remove the claim") -}}
{{- end -}}
{{- if eq $target "postgres" -}}
{{- if not (or $own.postgres.existingSecret (dig "postgres" "urlFile" "" $config)) -}}
{{- include "onchain-consumer.problem" (list "deadLetters.postgres.existingSecret" "is missing, and config.deadLetters.target is postgres" (printf "kubectl create secret generic dead-letters --from-literal=%s=postgresql://..., and name it" $own.postgres.urlKey)) -}}
{{- end -}}
{{- if and .Values.networkPolicy.enabled (not .Values.networkPolicy.deadLettersPorts) -}}
{{- include "onchain-consumer.problem" (list "networkPolicy.deadLettersPorts" "is missing, and the address of the database is in a Secret" "name its port, such as [5432]") -}}
{{- end -}}
{{- else if $own.postgres.existingSecret -}}
{{- include "onchain-consumer.problem" (list (printf "deadLetters.postgres.existingSecret = %q" $own.postgres.existingSecret) (printf "would not be used, because config.deadLetters.target is %s" $target) "set that to postgres, or remove the Secret") -}}
{{- end -}}
{{- include "onchain-consumer.deadLetterKafkaProblems" . -}}
{{- end -}}

{{/* Credentials of the other cluster: none may be missing, none may be unused. */}}
{{- define "onchain-consumer.deadLetterKafkaProblems" -}}
{{- $kafka := .Values.deadLetters.kafka -}}
{{- $given := dig "deadLetters" "kafka" dict .Values.config -}}
{{- if not (include "onchain-consumer.deadLettersElsewhere" .) -}}
{{- with $kafka.sasl.existingSecret | default $kafka.tls.existingSecret | default $kafka.tls.existingCaSecret -}}
{{- include "onchain-consumer.problem" (list (printf "deadLetters.kafka: the Secret %q" .) "would not be used: it is for another cluster, and dead letters go to none" "set config.deadLetters.target to kafka and name that cluster in config.deadLetters.kafka.brokers, or remove the Secret") -}}
{{- end -}}
{{- else -}}
{{- $protocol := $given.securityProtocol | default "PLAINTEXT" -}}
{{- if hasPrefix "SASL" $protocol -}}
{{- if not (or $kafka.sasl.existingSecret (dig "sasl" "passwordFile" "" $given)) -}}
{{- include "onchain-consumer.problem" (list "deadLetters.kafka.sasl.existingSecret" (printf "is missing, and config.deadLetters.kafka.securityProtocol is %s" $protocol) (printf "kubectl create secret generic dead-letters-user --from-literal=%s=... --from-file=%s=..., and name it" $kafka.sasl.usernameKey $kafka.sasl.passwordKey)) -}}
{{- end -}}
{{- if not (dig "sasl" "mechanism" "" $given) -}}
{{- include "onchain-consumer.problem" (list "config.deadLetters.kafka.sasl.mechanism" (printf "is missing, and config.deadLetters.kafka.securityProtocol is %s" $protocol) "write PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512") -}}
{{- end -}}
{{- else if $kafka.sasl.existingSecret -}}
{{- include "onchain-consumer.problem" (list (printf "deadLetters.kafka.sasl.existingSecret = %q" $kafka.sasl.existingSecret) (printf "would not be used, because config.deadLetters.kafka.securityProtocol is %s" $protocol) "set that to SASL_SSL, or remove the Secret") -}}
{{- end -}}
{{- if not (hasSuffix "SSL" $protocol) -}}
{{- with $kafka.tls.existingSecret | default $kafka.tls.existingCaSecret -}}
{{- include "onchain-consumer.problem" (list (printf "deadLetters.kafka.tls.existingSecret = %q" .) (printf "would not be used, because config.deadLetters.kafka.securityProtocol is %s" $protocol) "set that to SASL_SSL or SSL, or remove the Secret") -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
