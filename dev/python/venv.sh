#!/usr/bin/env bash
# Another client to test against: Python's confluent-kafka, which is librdkafka, in a virtual
# environment of its own under .cache/. Prints the path of its python; quick when it is there.
set -euo pipefail
cd "$(dirname "$0")/../.."

version=2.11.1
folder=$PWD/.cache/python/confluent-kafka-$version
python=$folder/bin/python
if ! "$python" -c 'import confluent_kafka' 2>/dev/null; then
  rm -rf "$folder"
  mkdir -p "$(dirname "$folder")"
  python3 -m venv "$folder" >&2 || {
    echo "python: python3 with its venv module is needed (Debian: apt-get install python3-venv)" >&2
    exit 1
  }
  "$python" -m pip install --quiet --disable-pip-version-check "confluent-kafka==$version" >&2
fi
echo "$python"
