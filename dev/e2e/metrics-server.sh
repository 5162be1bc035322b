#!/usr/bin/env bash
# Gives the cluster of KUBECONFIG the metrics API that an HPA on CPU needs; does nothing where there is
# one. Built from its Go module (3 minutes the first time), because no image registry is reached here.
#
#   dev/e2e/metrics-server.sh CLUSTER_TOOL     the script whose `load` hands an image to the node
set -euo pipefail
case "${1:-}" in -h | --help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0"; exit ;; esac
tool=$(realpath "$1")
cd "$(dirname "$0")"
version=0.9.0
image=localhost/metrics-server:$version
binary=$HOME/.cache/e2e-cluster/bin/metrics-server-$version

kubectl get --raw /apis/metrics.k8s.io/v1beta1 >/dev/null 2>&1 && exit
if [ ! -x "$binary" ]; then
  echo "building metrics-server $version" >&2
  folder=$(mktemp -d)
  GOBIN=$folder CGO_ENABLED=0 go install -trimpath -ldflags '-s -w' \
    "sigs.k8s.io/metrics-server/cmd/metrics-server@v$version"
  mkdir -p "$(dirname "$binary")"
  mv "$folder/metrics-server" "$binary"
  rmdir "$folder"
fi
context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
cp "$binary" "$context/metrics-server"
printf 'FROM scratch\nCOPY metrics-server /\nENTRYPOINT ["/metrics-server"]\n' >"$context/Dockerfile"
buildah bud -q -t "$image" "$context" >/dev/null
"$tool" load "$image"
kubectl apply -f metrics-server.yaml >/dev/null
kubectl -n kube-system rollout status deployment/metrics-server --timeout=120s >/dev/null
for _ in $(seq 60); do
  kubectl get --raw /apis/metrics.k8s.io/v1beta1/nodes 2>/dev/null | grep -q '"cpu"' && exit
  sleep 2
done
echo "metrics-server runs and has no metrics: kubectl -n kube-system logs deployment/metrics-server" >&2
exit 1
