{{/* Parts of the pod. */}}

{{- define "onchain-consumer.env" -}}
{{/* The pod's name: the leader election, the pod's own annotation, its file of failed records. */ -}}
- name: POD_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
- name: POD_NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
{{- with .Values.brokers }}
{{- if .existingConfigMap }}
- name: KAFKA_BOOTSTRAP_SERVERS
  valueFrom:
    configMapKeyRef:
      name: {{ .existingConfigMap }}
      key: {{ .key }}
{{- end }}
{{- end }}
{{- if .Values.failedRecords.existingClaim }}
- name: OCC_SINK_FAILED_RECORDS_FILE
  value: /var/lib/onchain-consumer/failed-records/$(POD_NAME).ndjson
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/*
Whole folders, never subPath: the kubelet renews the files of a mounted Secret only there, and the
service reads them again for each connection.
*/}}
{{- define "onchain-consumer.volumeMounts" -}}
- name: config
  mountPath: /etc/onchain-consumer/config
  readOnly: true
{{- if include "onchain-consumer.usesSasl" . }}
- name: sasl
  mountPath: /etc/onchain-consumer/sasl
  readOnly: true
{{- end }}
{{- if and (include "onchain-consumer.usesTls" .) .Values.tls.existingSecret }}
- name: tls
  mountPath: /etc/onchain-consumer/tls
  readOnly: true
{{- end }}
{{- if and (include "onchain-consumer.usesTls" .) .Values.tls.existingCaSecret }}
- name: ca
  mountPath: /etc/onchain-consumer/ca
  readOnly: true
{{- end }}
- name: failed-records
  mountPath: /var/lib/onchain-consumer/failed-records
  {{- with .Values.failedRecords.subPath }}
  subPath: {{ . }}
  {{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "onchain-consumer.volumes" -}}
- name: config
  configMap:
    name: {{ include "onchain-consumer.fullname" . }}
{{- if include "onchain-consumer.usesSasl" . }}
- name: sasl
  secret:
    secretName: {{ .Values.sasl.existingSecret }}
    defaultMode: 0440
{{- end }}
{{- if and (include "onchain-consumer.usesTls" .) .Values.tls.existingSecret }}
- name: tls
  secret:
    secretName: {{ .Values.tls.existingSecret }}
    defaultMode: 0440
{{- end }}
{{- if and (include "onchain-consumer.usesTls" .) .Values.tls.existingCaSecret }}
- name: ca
  secret:
    secretName: {{ .Values.tls.existingCaSecret }}
    defaultMode: 0440
{{- end }}
- name: failed-records
  {{- if .Values.failedRecords.existingClaim }}
  persistentVolumeClaim:
    claimName: {{ .Values.failedRecords.existingClaim }}
  {{- else }}
  emptyDir:
    sizeLimit: {{ .Values.failedRecords.sizeLimit }}
  {{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* One probe: a value of `probes`. */}}
{{- define "onchain-consumer.probe" -}}
httpGet:
  path: {{ .path }}
  port: http
periodSeconds: {{ int .periodSeconds }}
timeoutSeconds: {{ int .timeoutSeconds }}
failureThreshold: {{ int .failureThreshold }}
{{- end -}}

{{/* Spread where it is possible, and never wait for it: an unplaced pod consumes nothing. */}}
{{- define "onchain-consumer.topologySpreadConstraints" -}}
{{- $selector := dict "matchLabels" (include "onchain-consumer.selectorLabels" . | fromYaml) -}}
{{- $usual := list
  (dict "topologyKey" "topology.kubernetes.io/zone" "maxSkew" 1 "whenUnsatisfiable" "ScheduleAnyway")
  (dict "topologyKey" "kubernetes.io/hostname" "maxSkew" 1 "whenUnsatisfiable" "ScheduleAnyway") -}}
{{- $constraints := list -}}
{{- range .Values.topologySpreadConstraints | default $usual -}}
{{- $constraints = append $constraints (merge (deepCopy .) (dict "labelSelector" $selector)) -}}
{{- end -}}
{{- toYaml $constraints -}}
{{- end -}}
