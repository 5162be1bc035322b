{{/* Handlers, lists of addresses and schemas, as files; and which changes make new pods. */}}

{{- define "onchain-consumer.handlersFolder" -}}
/etc/onchain-consumer/handlers
{{- end -}}

{{- define "onchain-consumer.usesHandlerFiles" -}}
{{- if or .Values.handlerFiles.existingConfigMaps .Values.handlerFiles.files }}yes{{ end -}}
{{- end -}}

{{- define "onchain-consumer.schemasFolder" -}}
/etc/onchain-consumer/schemas
{{- end -}}

{{/* Name of the ConfigMap that holds the files of the values. */}}
{{- define "onchain-consumer.handlersName" -}}
{{- include "onchain-consumer.suffixed" (list . "handlers") -}}
{{- end -}}

{{/*
Everything that pods are made of: when it changes, they are replaced. With `reloadConfig`, what a
running service reads again is left out: the keys of files/live-keys.yaml, and lists of addresses.
*/}}
{{- define "onchain-consumer.checksum" -}}
{{- $config := include "onchain-consumer.config" . | fromYaml -}}
{{- $files := deepCopy (.Values.handlerFiles.files | default dict) -}}
{{- if .Values.reloadConfig -}}
{{- $live := .Files.Get "files/live-keys.yaml" | fromYaml -}}
{{- $lists := list (dig "filter" "addressesFile" "" $config) -}}
{{- range $kind := list "handlers" "alerts" -}}
{{- range $entry := index $config $kind -}}
{{- $lists = append $lists (dig "filter" "addressesFile" "" $entry) -}}
{{- range $name := index $live $kind }}{{ $_ := unset $entry $name }}{{ end -}}
{{- end -}}
{{- end -}}
{{- range compact $lists }}{{ $_ := unset $files (base .) }}{{ end -}}
{{- range $path := $live.keys -}}
{{- $section := index (splitList "." $path) 0 -}}
{{- if hasKey $config $section -}}
{{- $_ := unset (get $config $section) (index (splitList "." $path) 1) -}}
{{- if not (get $config $section) }}{{ $_ := unset $config $section }}{{ end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if $files }}{{ $_ := set $config "handlerFiles" $files }}{{ end -}}
{{- toYaml $config | sha256sum -}}
{{- end -}}

{{- define "onchain-consumer.handlerProblems" -}}
{{- $schemas := dig "decode" "protobuf" "schemas" "" .Values.config | default "" -}}
{{- if and (hasPrefix (include "onchain-consumer.schemasFolder" .) $schemas) (not .Values.schemas.existingConfigMaps) -}}
{{- include "onchain-consumer.problem" (list (printf "config.decode.protobuf.schemas = %q" $schemas) "is a folder that nothing mounts" "name the ConfigMaps of the .proto files in schemas.existingConfigMaps") -}}
{{- end -}}
{{- $folder := include "onchain-consumer.handlersFolder" . -}}
{{- $files := .Values.handlerFiles.files | default dict -}}
{{- $known := not .Values.handlerFiles.existingConfigMaps -}}
{{- $named := list (list "config.filter.addressesFile" (dig "filter" "addressesFile" "" .Values.config)) -}}
{{- range $index, $handler := .Values.config.handlers -}}
{{- if and (eq ($handler.group | default "shared") "own") (not $handler.name) -}}
{{- include "onchain-consumer.problem" (list (printf "config.handlers[%d].name" $index) "is missing: with group: own it is part of the name of the group" "name the handler here, for example as its module does") -}}
{{- end -}}
{{- $named = append $named (list (printf "config.handlers[%d].path" $index) $handler.path) -}}
{{- $named = append $named (list (printf "config.handlers[%d].filter.addressesFile" $index) (dig "filter" "addressesFile" "" $handler)) -}}
{{- end -}}
{{- range $index, $alert := .Values.config.alerts -}}
{{- $named = append $named (list (printf "config.alerts[%d].filter.addressesFile" $index) (dig "filter" "addressesFile" "" $alert)) -}}
{{- end -}}
{{- range $named -}}
{{- $key := index . 0 }}{{ $path := index . 1 | default "" -}}
{{- if and $known (hasPrefix (printf "%s/" $folder) $path) (not (hasKey $files (base $path))) -}}
{{- include "onchain-consumer.problem" (list (printf "%s = %q" $key $path) "is a file that nothing mounts" (printf "name the ConfigMap that holds %s in handlerFiles.existingConfigMaps, or put it into handlerFiles.files" (base $path))) -}}
{{- else if and $path (not (hasPrefix "/" $path)) -}}
{{- include "onchain-consumer.problem" (list (printf "%s = %q" $key $path) "begins in the folder of the configuration, where nothing else is mounted" (printf "write %s/%s, and put the file into handlerFiles; or write its absolute path in your image" $folder (base $path))) -}}
{{- end -}}
{{- end -}}
{{- end -}}
