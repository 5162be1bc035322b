{{- define "onchain-consumer.scalingProblems" -}}
{{- $mode := .Values.autoscaling.mode -}}
{{- $usesLag := or (eq $mode "keda") (and (eq $mode "hpa") (ne .Values.autoscaling.hpa.metric "cpu")) -}}
{{- $usesKafka := and (eq $mode "keda") (eq .Values.autoscaling.trigger "kafka") -}}
{{- with .Values.autoscaling -}}
{{- if ne $mode "none" -}}
{{- if not .partitions -}}
{{- include "onchain-consumer.problem" (list "autoscaling.partitions" (printf "is missing, and autoscaling.mode is %s" $mode) "write the number of partitions of all topics together: more pods than that are idle") -}}
{{- else if lt (include "onchain-consumer.maxReplicas" $ | int) (int .minReplicas) -}}
{{- include "onchain-consumer.problem" (list (printf "autoscaling.minReplicas = %d" (int .minReplicas)) (printf "is above the most pods that can have work, %s" (include "onchain-consumer.maxReplicas" $)) "lower it") -}}
{{- end -}}
{{- if and (eq (int .minReplicas) 0) (not $usesKafka) -}}
{{- include "onchain-consumer.problem" (list "autoscaling.minReplicas = 0" "leaves no pod to ask for the lag, so none would ever come back" "write 1, or use autoscaling.mode keda with trigger kafka") -}}
{{- end -}}
{{- end -}}
{{- if and $usesLag (eq (include "onchain-consumer.lagPerPod" $) "0") -}}
{{- include "onchain-consumer.problem" (list "autoscaling.maxLagSeconds and autoscaling.recordsPerSecondPerPod" "are missing: nothing says how much lag is worth a pod" "write the seconds of lag you accept and what one pod handles, such as 30 and 5000; or their product as autoscaling.lagPerPod") -}}
{{- end -}}
{{- if and (eq $mode "keda") (eq .trigger "prometheus") (not .keda.prometheus.serverAddress) -}}
{{- include "onchain-consumer.problem" (list "autoscaling.keda.prometheus.serverAddress" "is missing, and autoscaling.trigger is prometheus" "write its address, such as http://prometheus.monitoring.svc:9090") -}}
{{- end -}}
{{- if and (eq $mode "hpa") (ne .hpa.metric "cpu") (not .hpa.metricName) -}}
{{- include "onchain-consumer.problem" (list "autoscaling.hpa.metricName" (printf "is missing, and autoscaling.hpa.metric is %s" .hpa.metric) "name the metric that your metrics adapter serves") -}}
{{- end -}}
{{- if and (eq $mode "hpa") (eq .hpa.metric "cpu") (not (dig "requests" "cpu" "" ($.Values.resources | default dict))) -}}
{{- include "onchain-consumer.problem" (list "resources.requests.cpu" "is missing, and autoscaling.hpa.metric is cpu, a percentage of it" "write what one pod needs, such as 250m") -}}
{{- end -}}
{{- end -}}
{{- if $usesKafka -}}
{{- if and (include "onchain-consumer.usesTls" .) (eq (dig "kafka" "tls" "verify" "full" .Values.config) "ca") -}}
{{- include "onchain-consumer.problem" (list "autoscaling.trigger = \"kafka\"" "cannot be used with config.kafka.tls.verify = ca: KEDA verifies the host name as well, or nothing at all" "set autoscaling.trigger to metrics-api, or tls.verify to full if the certificates name their hosts") -}}
{{- end -}}
{{- $sasl := dig "kafka" "sasl" dict .Values.config -}}
{{- if and (include "onchain-consumer.usesSasl" .) (or $sasl.username $sasl.usernameFile $sasl.passwordFile) -}}
{{- include "onchain-consumer.problem" (list "config.kafka.sasl" "names the user or a file, which KEDA cannot see" "put user and password into sasl.existingSecret, or set autoscaling.trigger to metrics-api") -}}
{{- end -}}
{{- end -}}
{{- end -}}
