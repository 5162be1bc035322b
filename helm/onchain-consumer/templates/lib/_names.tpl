{{/* Names and labels. */}}

{{- define "onchain-consumer.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
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

{{/* Name of an object beside the main one: list context suffix. Shortened before the suffix. */}}
{{- define "onchain-consumer.suffixed" -}}
{{- $suffix := index . 1 -}}
{{- $room := int (sub 62 (len $suffix)) -}}
{{- printf "%s-%s" (include "onchain-consumer.fullname" (index . 0) | trunc $room | trimSuffix "-") $suffix -}}
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
app.kubernetes.io/name: {{ include "onchain-consumer.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
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
{{- include "onchain-consumer.check" . -}}
{{- $own := dict
  "app.kubernetes.io/name" (include "onchain-consumer.name" .)
  "app.kubernetes.io/instance" .Release.Name
  "app.kubernetes.io/version" .Chart.AppVersion
  "app.kubernetes.io/part-of" "onchain-consumer"
  "app.kubernetes.io/managed-by" .Release.Service
  "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_") -}}
{{- toYaml (merge $own .Values.commonLabels) -}}
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
