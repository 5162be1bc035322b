#!/usr/bin/env bash
# Builds the image and prints its size. Takes Docker or buildah, whichever works here.
#
#   dev/image.sh [--committed] [TAG]     TAG: default localhost/onchain-consumer:e2e
#
#   --committed   builds the committed state instead of the working folder
#
# Environment: NODE_IMAGE (base image), BUILDER (docker or buildah),
# CLUSTER_TOOL (the script whose `base` makes the base image where no image registry is reached).
set -euo pipefail
case "${1:-}" in -h | --help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0"; exit ;; esac
cd "$(dirname "$0")/.."

context=. dirty=yes
if [ "${1:-}" = --committed ]; then
  shift
  dirty=
  context=$(mktemp -d)
  trap 'rm -rf "$context"' EXIT
  git archive HEAD | tar -x -C "$context"
fi
tag=${1:-localhost/onchain-consumer:e2e}
node_image=${NODE_IMAGE:-$(sed -n 's/^ARG NODE_IMAGE=//p' "$context/Dockerfile")}
cluster=${CLUSTER_TOOL:-../shared/cluster/cluster}

builder=${BUILDER:-}
if [ -z "$builder" ]; then
  if docker info >/dev/null 2>&1; then builder=docker
  elif command -v buildah >/dev/null; then builder=buildah
  else
    echo "image: neither a running Docker nor buildah: install one (Debian: apt-get install buildah)" >&2
    exit 1
  fi
fi

arguments=(
  --build-arg "NODE_IMAGE=$node_image"
  --build-arg "VERSION=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' "$context/package.json")"
  --build-arg "REVISION=$(git describe --always --abbrev=40 ${dirty:+--dirty} 2>/dev/null || echo unknown)"
  --tag "$tag"
)
if [ "$builder" = docker ]; then
  docker build "${arguments[@]}" "$context"
  size="$(docker image inspect --format '{{.Size}}' "$tag") bytes"
else
  if [ -z "$(buildah images -q "$node_image" 2>/dev/null)" ] && ! buildah pull -q "$node_image" 2>/dev/null; then
    [ -x "$cluster" ] || { echo "image: cannot pull $node_image; set NODE_IMAGE to one that is here" >&2; exit 1; }
    # The base takes the node that is first on the PATH: the project's own.
    node dev/install.mjs
    PATH=$PWD/node_modules/node/bin:$PATH "$cluster" base "$node_image"
  fi
  # The host's network: the packages are fetched the way this machine fetches them.
  buildah bud --layers --network host "${arguments[@]}" "$context"
  size=$(buildah images --format '{{.Size}}' "$tag")
fi
echo "$tag: $size"
