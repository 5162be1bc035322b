{{/* Names and labels. */}}

{{- define "onchain-consumer.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimAll "-." -}}
{{- end -}}

{{/* `<release>-onchain-consumer`, or the release's name where it says so already. */}}
{{- define "onchain-consumer.fullname" -}}
{{- $name := include "onchain-consumer.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/*
Regular expression for the names of the pods. Kubernetes cuts what is before the last five characters at 58: a
name of more than 46 loses the hyphens behind it.
*/}}
{{- define "onchain-consumer.podNames" -}}
{{- $name := include "onchain-consumer.fullname" . -}}
{{- if gt (len $name) 46 -}}
{{- printf "%s-" $name | trunc 58 -}}[a-z0-9-]+
{{- else -}}
{{- $name -}}-[a-z0-9]+-[a-z0-9]+
{{- end -}}
{{- end -}}

{{/*
Name of an object beside the main one: list context suffix, and the most characters if not 63. What does not fit
is cut before the suffix, and a hash keeps two long releases apart.
*/}}
{{- define "onchain-consumer.suffixed" -}}
{{- $suffix := index . 1 -}}
{{- $most := 63 -}}
{{- if gt (len .) 2 }}{{ $most = index . 2 }}{{ end -}}
{{- $room := sub $most (len $suffix | add1) | int -}}
{{- $name := include "onchain-consumer.fullname" (index . 0) -}}
{{- if gt (len $name) $room -}}
{{- $name = printf "%s-%s" (trunc (sub $room 9 | int) $name | trimSuffix "-") (sha256sum $name | trunc 8) -}}
{{- end -}}
{{- printf "%s-%s" $name $suffix -}}
{{- end -}}

{{- define "onchain-consumer.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "onchain-consumer.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* No version here: the selector of a Deployment cannot be changed by an upgrade. */}}
{{- define "onchain-consumer.instanceLabels" -}}
app.kubernetes.io/name: {{ include "onchain-consumer.name" . | toYaml }}
app.kubernetes.io/instance: {{ .Release.Name | toYaml }}
{{- end -}}

{{/* The consuming pods alone, and not the pod of `helm test`. */}}
{{- define "onchain-consumer.selectorLabels" -}}
{{ include "onchain-consumer.instanceLabels" . }}
app.kubernetes.io/component: consumer
{{- end -}}

{{/*
Labels of every object. The check of the values hangs on them, because helm renders the templates in
no order to rely on, and its message must come before another template trips over the same mistake.
*/}}
{{- define "onchain-consumer.labels" -}}
{{- include "onchain-consumer.labelsWith" (list . dict) -}}
{{- end -}}

{{/*
The same with labels of one object, which win. Together, because a label that is written twice is refused by
what reads the manifests strictly, such as kustomize and the post-renderers of Flux. Argument: root, labels.
*/}}
{{- define "onchain-consumer.labelsWith" -}}
{{- $given := index . 1 | default dict -}}
{{- with index . 0 -}}
{{- include "onchain-consumer.check" . -}}
{{- $own := dict
  "app.kubernetes.io/name" (include "onchain-consumer.name" .)
  "app.kubernetes.io/instance" .Release.Name
  "app.kubernetes.io/version" .Chart.AppVersion
  "app.kubernetes.io/part-of" "onchain-consumer"
  "app.kubernetes.io/managed-by" .Release.Service
  "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_") -}}
{{- toYaml (merge (dict) $given $own (.Values.commonLabels | default dict)) -}}
{{- end -}}
{{- end -}}

{{- define "onchain-consumer.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end -}}
