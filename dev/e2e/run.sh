#!/usr/bin/env bash
# The chart's tests and the end-to-end tests on a real cluster, from nothing: cluster, image, tests,
# and the cluster away again. With KUBECONFIG set, that cluster is used, and left as it was.
#
#   dev/e2e/run.sh [TEST_FILE...]     default: all
#   dev/e2e/run.sh --prepare          only cluster and image, which stay; a run finds them
#   dev/e2e/run.sh --down             the cluster away
#
# Environment: CLUSTER_TOOL, the script that starts a cluster, makes the base image and loads images.
# The first time it builds Kubernetes and KEDA: about 15 minutes.
set -euo pipefail
case "${1:-}" in -h | --help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0"; exit ;; esac
cd "$(dirname "$0")/../.."
cluster=$(realpath "${CLUSTER_TOOL:-../shared/cluster/cluster}" 2>/dev/null || true)
if [ ! -x "$cluster" ]; then
  echo "e2e: no cluster tool at ${CLUSTER_TOOL:-../shared/cluster/cluster}: set CLUSTER_TOOL, or load the" >&2
  echo "image into a cluster of yours and run: KUBECONFIG=... E2E_HOST=... E2E_IMAGE=... npm run test:e2e" >&2
  exit 1
fi
if [ "${1:-}" = --down ]; then
  [ -n "${KUBECONFIG:-}" ] || "$cluster" down
  exit
fi

npm run --silent ready
# The image's node is the one that is first here.
export PATH=$PWD/node_modules/node/bin:$HOME/.cache/e2e-cluster/bin:$PATH
export E2E_IMAGE=${E2E_IMAGE:-localhost/onchain-consumer:e2e}

# At the end, also of one that is interrupted: what is still running ends, and what the chart's tests said is shown.
ours=
chart=
leave() {
  if [ -n "$chart" ]; then
    kill -- "-$chart" 2>/dev/null || true
    wait "$chart" || true
    cat "$charted"
    rm "$charted"
  fi
  if [ -n "$ours" ]; then "$cluster" down; fi
}
trap leave EXIT

if [ -z "${KUBECONFIG:-}" ]; then
  if [ "${1:-}" != --prepare ]; then ours=yes; fi
  # Its last line is the path; what it says beside that is on standard error.
  up=$(mktemp)
  node dev/part.mjs cluster "$cluster" up >"$up"
  KUBECONFIG=$(tail -n 1 "$up")
  export KUBECONFIG
  rm "$up"
fi
node dev/part.mjs image dev/image.sh "$E2E_IMAGE"
"$cluster" load "$E2E_IMAGE"
node dev/part.mjs metrics dev/e2e/metrics-server.sh "$cluster"
if [ "${1:-}" = --prepare ]; then exit; fi

if [ $# -gt 0 ]; then
  node --test --test-reporter=spec --test-concurrency=1 "$@"
else
  # The chart's tests compute while the others mostly wait for the cluster; what they say comes after it. A process
  # group of their own, so that all of it can be ended.
  charted=$(mktemp)
  set -m
  node dev/part.mjs chart npm run --silent test:chart >"$charted" 2>&1 </dev/null &
  chart=$!
  set +m
  status=0
  node dev/part.mjs e2e npm run --silent test:e2e || status=$?
  wait "$chart" || status=$?
  exit "$status"
fi
