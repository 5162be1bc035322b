{{/* Parts of the pod. */}}

{{- define "onchain-consumer.env" -}}
{{/* The pod's name is needed for the leader election, its annotation and its files of dead letters. */ -}}
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
      name: {{ .existingConfigMap | toYaml }}
      key: {{ .key | toYaml }}
{{- end }}
{{- end }}
{{- if .Values.staticMembership }}
- name: KAFKA_GROUP_INSTANCE_ID
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
{{- end }}
# For `kubectl exec POD -- node /app/dist/main.js dlq list` and the other commands.
- name: OCC_CONFIG
  value: /etc/onchain-consumer/config/config.yaml
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/*
Whole folders, never subPath: only there the kubelet updates the files of a mounted Secret, which the
service reads again for each connection.
*/}}
{{- define "onchain-consumer.volumeMounts" -}}
- name: config
  mountPath: /etc/onchain-consumer/config
  readOnly: true
{{- range $cluster := include "onchain-consumer.clusters" . | fromYamlArray }}
{{- range include "onchain-consumer.clusterSecrets" $cluster | fromYamlArray }}
- name: {{ $cluster.prefix }}{{ .part }}
  mountPath: {{ $cluster.folder }}/{{ .part }}
  readOnly: true
{{- end }}
{{- end }}
{{- if include "onchain-consumer.deadLettersPostgres" . }}
- name: postgres
  mountPath: /etc/onchain-consumer/postgres
  readOnly: true
{{- end }}
{{- range $name, $_ := .Values.sinkSecrets }}
- name: {{ include "onchain-consumer.sinkVolume" $name }}
  mountPath: {{ include "onchain-consumer.sinkFolder" $name }}
  readOnly: true
{{- end }}
{{- if .Values.admin.existingSecret }}
- name: admin
  mountPath: /etc/onchain-consumer/admin
  readOnly: true
{{- end }}
{{- if include "onchain-consumer.usesHandlerFiles" . }}
- name: handlers
  mountPath: {{ include "onchain-consumer.handlersFolder" . }}
  readOnly: true
{{- end }}
{{- range $index, $name := .Values.schemas.existingConfigMaps }}
- name: schemas-{{ $index }}
  mountPath: {{ include "onchain-consumer.schemasFolder" $ }}/{{ $name }}
  readOnly: true
{{- end }}
{{- if include "onchain-consumer.deadLettersInFiles" . }}
- name: dead-letters
  mountPath: {{ include "onchain-consumer.deadLettersFolder" . }}
  {{- with .Values.deadLetters.subPath }}
  subPath: {{ . | toYaml }}
  {{- end }}
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Readable only for the user and the group of the pod. */}}
{{- define "onchain-consumer.secretVolume" -}}
secret:
  secretName: {{ . | toYaml }}
  defaultMode: 0440
{{- end -}}

{{- define "onchain-consumer.volumes" -}}
- name: config
  configMap:
    name: {{ include "onchain-consumer.fullname" . | toYaml }}
{{- range $cluster := include "onchain-consumer.clusters" . | fromYamlArray }}
{{- range include "onchain-consumer.clusterSecrets" $cluster | fromYamlArray }}
- name: {{ $cluster.prefix }}{{ .part }}
  {{- include "onchain-consumer.secretVolume" .name | nindent 2 }}
{{- end }}
{{- end }}
{{- with include "onchain-consumer.deadLettersPostgres" . }}
- name: postgres
  {{- include "onchain-consumer.secretVolume" . | nindent 2 }}
{{- end }}
{{- range $name, $secret := .Values.sinkSecrets }}
- name: {{ include "onchain-consumer.sinkVolume" $name }}
  {{- include "onchain-consumer.secretVolume" $secret.existingSecret | nindent 2 }}
{{- end }}
{{- with .Values.admin.existingSecret }}
- name: admin
  {{- include "onchain-consumer.secretVolume" . | nindent 2 }}
{{- end }}
{{- if include "onchain-consumer.usesHandlerFiles" . }}
- name: handlers
  projected:
    sources:
      {{- range .Values.handlerFiles.existingConfigMaps }}
      - configMap:
          name: {{ . | toYaml }}
      {{- end }}
      {{- if .Values.handlerFiles.files }}
      - configMap:
          name: {{ include "onchain-consumer.handlersName" . }}
      {{- end }}
{{- end }}
{{- range $index, $name := .Values.schemas.existingConfigMaps }}
- name: schemas-{{ $index }}
  configMap:
    name: {{ $name | toYaml }}
{{- end }}
{{- if include "onchain-consumer.deadLettersInFiles" . }}
- name: dead-letters
  {{- if .Values.deadLetters.existingClaim }}
  persistentVolumeClaim:
    claimName: {{ .Values.deadLetters.existingClaim | toYaml }}
  {{- else }}
  emptyDir:
    sizeLimit: {{ .Values.deadLetters.sizeLimit }}
  {{- end }}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The default rolls, and the API server takes the numbers of that with no other type. */}}
{{- define "onchain-consumer.updateStrategy" -}}
{{- $strategy := .Values.updateStrategy | default dict -}}
{{- if eq ($strategy.type | default "") "Recreate" }}{{ $strategy = omit $strategy "rollingUpdate" }}{{ end -}}
{{- toYaml $strategy -}}
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

{{/* Spread if possible, without waiting for it: a pod without a node consumes nothing. */}}
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
