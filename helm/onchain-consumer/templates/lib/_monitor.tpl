{{/* The endpoint of a ServiceMonitor and of a PodMonitor, from their values under `monitoring`. */}}
{{- define "onchain-consumer.scrape" -}}
- port: http
  path: /metrics
  interval: {{ .interval }}
  scrapeTimeout: {{ .scrapeTimeout }}
  {{- with .relabelings }}
  relabelings:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .metricRelabelings }}
  metricRelabelings:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{/* Labels that select this release's pods in Prometheus, as both monitors attach them. */}}
{{- define "onchain-consumer.podSeries" -}}
namespace="{{ .Release.Namespace }}",pod=~"{{ include "onchain-consumer.podNames" . }}"
{{- end -}}

{{/*
The alerts of one file in alerts/, as YAML: list context text. ${...} is filled in, Prometheus' own
{{ }} stay as they are, and alerts named in `disabled` are left out.
*/}}
{{- define "onchain-consumer.alerts" -}}
{{- $root := index . 0 -}}
{{- $rules := $root.Values.monitoring.rules -}}
{{- $name := include "onchain-consumer.fullname" $root -}}
{{- $disabled := $rules.disabled | default list -}}
{{- if eq (int $root.Values.autoscaling.minReplicas) 0 -}}
{{- /* No pod is as it should be then. */}}
{{- $disabled = append $disabled "OnchainConsumerDown" -}}
{{- end -}}
{{- $text := index . 1 -}}
{{- $given := dict "pods" (include "onchain-consumer.podSeries" $root) "name" $name "namespace" $root.Release.Namespace -}}
{{- range $key, $value := merge $given $rules.thresholds -}}
{{- $text = replace (printf "${%s}" $key) (toString $value) $text -}}
{{- end -}}
{{- $alerts := list -}}
{{- range fromYamlArray $text -}}
{{- if not (has .alert $disabled) -}}
{{- $labels := merge (dict "deployment" $name) .labels ($rules.alertLabels | default dict) -}}
{{- $runbook := dict "runbook_url" (printf "%s#%s" $rules.runbook (lower .alert)) -}}
{{- $alerts = append $alerts (merge (dict "labels" $labels "annotations" (merge $runbook .annotations)) .) -}}
{{- end -}}
{{- end -}}
{{- toYaml $alerts -}}
{{- end -}}
