{{/*
The pod of a Job: one command of the service, with the files and the rights to Kafka of its pods, but
without the API server. Argument: the root, its name, the arguments of the command, its resources, and
if it keeps something a claim, which is mounted at /var/lib/onchain-consumer/job.
*/}}
{{- define "onchain-consumer.jobPod" -}}
{{- $root := index . 0 -}}
{{- $name := index . 1 -}}
{{- $claim := "" -}}
{{- if gt (len .) 4 }}{{ $claim = index . 4 }}{{ end -}}
metadata:
  labels:
    {{- include "onchain-consumer.instanceLabels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ $name }}
spec:
  restartPolicy: Never
  serviceAccountName: {{ include "onchain-consumer.serviceAccountName" $root | toYaml }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  {{- with $root.Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    {{- toYaml $root.Values.podSecurityContext | nindent 4 }}
  containers:
    - name: {{ $name }}
      image: {{ include "onchain-consumer.image" $root | quote }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      args:
        {{- toYaml (index . 2) | nindent 8 }}
      env:
        {{- include "onchain-consumer.env" $root | nindent 8 }}
      resources:
        {{- toYaml (index . 3) | nindent 8 }}
      securityContext:
        {{- toYaml $root.Values.securityContext | nindent 8 }}
      terminationMessagePolicy: FallbackToLogsOnError
      volumeMounts:
        {{- include "onchain-consumer.volumeMounts" $root | nindent 8 }}
        {{- if $claim }}
        - name: job
          mountPath: /var/lib/onchain-consumer/job
        {{- end }}
  volumes:
    {{- include "onchain-consumer.volumes" $root | nindent 4 }}
    {{- if $claim }}
    - name: job
      persistentVolumeClaim:
        claimName: {{ $claim | toYaml }}
    {{- end }}
  {{- with $root.Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $root.Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{- define "onchain-consumer.jobProblems" -}}
{{- with .Values.redriveJob -}}
{{- if and .enabled (not .args) -}}
{{- include "onchain-consumer.problem" (list "redriveJob.args" "is empty, and says what of the dead letters is sent" "write arguments of dlq, such as [redrive, --yes], or remove the key") -}}
{{- end -}}
{{- end -}}
{{- with .Values.replayJob -}}
{{- if and .enabled (not (and .from .to)) -}}
{{- include "onchain-consumer.problem" (list "replayJob.from and replayJob.to" "say which records are handled again, and one is empty" "write both, with the zone: 2026-01-31T12:00:00Z") -}}
{{- end -}}
{{- end -}}
{{- end -}}
