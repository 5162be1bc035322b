{{/*
Keys that belong elsewhere: those of the service at the root, and those that other charts have. The schema lets
them through, so that they are told with the place where they belong (files/elsewhere.yaml).
*/}}
{{- define "onchain-consumer.elsewhereProblems" -}}
{{- range $key, $place := .Files.Get "files/elsewhere.yaml" | fromYaml -}}
{{- $inner := $.Values -}}
{{- $isThere := true -}}
{{- range $name := splitList "." $key -}}
{{- $isThere = and $isThere (kindIs "map" $inner) (hasKey $inner $name) -}}
{{- if $isThere }}{{ $inner = get $inner $name }}{{ end -}}
{{- end -}}
{{- if $isThere -}}
{{- include "onchain-consumer.problem" (list $key "is not a key of this chart" (printf "write %s" $place)) -}}
{{- end -}}
{{- end -}}
{{- if not (kindIs "string" (.Values.image.tag | default "")) -}}
{{- include "onchain-consumer.problem" (list (printf "image.tag = %s" (include "onchain-consumer.plain" .Values.image.tag)) "is a number, which may lose digits (1.10 is 1.1)" "write it in quotes; on the command line: --set-string image.tag=...") -}}
{{- end -}}
{{- end -}}
