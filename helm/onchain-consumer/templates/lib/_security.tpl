{{/*
Login and certificates, from Secrets that are mounted as files. They are asked for twice: by the
cluster that is consumed, and by another one that keeps dead letters.
*/}}

{{/*
The clusters that the pods reach, as a list. Of each: `protocol`; `sasl` and `tls`, the values that
name its Secrets; `given`, what the user's own configuration says about the login; `folder`, where the
files are; `prefix` of its volumes' names.
*/}}
{{- define "onchain-consumer.clusters" -}}
{{- $clusters := list (dict
  "protocol" (include "onchain-consumer.protocol" .) "sasl" .Values.sasl "tls" .Values.tls
  "given" (dig "kafka" "sasl" dict .Values.config) "folder" "/etc/onchain-consumer" "prefix" "") -}}
{{- if include "onchain-consumer.deadLettersElsewhere" . -}}
{{- $kafka := .Values.config.deadLetters.kafka -}}
{{- $clusters = append $clusters (dict
  "protocol" ($kafka.securityProtocol | default "PLAINTEXT")
  "sasl" .Values.deadLetters.kafka.sasl "tls" .Values.deadLetters.kafka.tls
  "given" ($kafka.sasl | default dict)
  "folder" "/etc/onchain-consumer/dead-letters" "prefix" "dead-letters-") -}}
{{- end -}}
{{- toYaml $clusters -}}
{{- end -}}

{{/* What one of them mounts: a list of `name`, of the Secret, and `part`, of the path. */}}
{{- define "onchain-consumer.clusterSecrets" -}}
{{- $secrets := list -}}
{{- if and (hasPrefix "SASL" .protocol) .sasl.existingSecret -}}
{{- $secrets = append $secrets (dict "part" "sasl" "name" .sasl.existingSecret) -}}
{{- end -}}
{{- if hasSuffix "SSL" .protocol -}}
{{- with .tls.existingSecret }}{{ $secrets = append $secrets (dict "part" "tls" "name" .) }}{{ end -}}
{{- with .tls.existingCaSecret }}{{ $secrets = append $secrets (dict "part" "ca" "name" .) }}{{ end -}}
{{- end -}}
{{- toYaml $secrets -}}
{{- end -}}

{{/* `sasl` and `tls` of one of them, as the service's configuration has them. */}}
{{- define "onchain-consumer.clusterConfig" -}}
{{- $config := dict -}}
{{- if and (hasPrefix "SASL" .protocol) .sasl.existingSecret -}}
{{- $sasl := dict "passwordFile" (printf "%s/sasl/%s" .folder .sasl.passwordKey) -}}
{{- if not (or .given.username .given.usernameFile) -}}
{{- $_ := set $sasl "usernameFile" (printf "%s/sasl/%s" .folder .sasl.usernameKey) -}}
{{- end -}}
{{- $_ := set $config "sasl" $sasl -}}
{{- end -}}
{{- if hasSuffix "SSL" .protocol -}}
{{- $tls := dict -}}
{{- if and .tls.caKey (or .tls.existingCaSecret .tls.existingSecret) -}}
{{- $part := ternary "ca" "tls" (not (empty .tls.existingCaSecret)) -}}
{{- $_ := set $tls "caFile" (printf "%s/%s/%s" .folder $part .tls.caKey) -}}
{{- end -}}
{{- if and .tls.existingSecret .tls.certificateKey -}}
{{- $_ := set $tls "certificateFile" (printf "%s/tls/%s" .folder .tls.certificateKey) -}}
{{- $_ := set $tls "keyFile" (printf "%s/tls/%s" .folder .tls.privateKeyKey) -}}
{{- with .tls.passphraseKey }}{{ $_ := set $tls "keyPassphraseFile" (printf "%s/tls/%s" $.folder .) }}{{ end -}}
{{- end -}}
{{- if $tls }}{{ $_ := set $config "tls" $tls }}{{ end -}}
{{- end -}}
{{- toYaml $config -}}
{{- end -}}

{{/* Keys that each Secret of one of them must have: a list of the Secret's name and its keys. */}}
{{- define "onchain-consumer.clusterReferences" -}}
{{- $wanted := list -}}
{{- if and (hasPrefix "SASL" .protocol) .sasl.existingSecret -}}
{{- $wanted = append $wanted (list "Secret" .sasl.existingSecret (list .sasl.usernameKey .sasl.passwordKey)) -}}
{{- end -}}
{{- if hasSuffix "SSL" .protocol -}}
{{- with .tls -}}
{{- if .existingCaSecret -}}
{{- $wanted = append $wanted (list "Secret" .existingCaSecret (list .caKey)) -}}
{{- end -}}
{{- if .existingSecret -}}
{{- $keys := list (ternary "" .caKey (not (empty .existingCaSecret))) .certificateKey (ternary .privateKeyKey "" (not (empty .certificateKey))) .passphraseKey -}}
{{- $wanted = append $wanted (list "Secret" .existingSecret (compact $keys)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toYaml $wanted -}}
{{- end -}}
