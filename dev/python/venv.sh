#!/usr/bin/env bash
# Others to test against, in a virtual environment of their own under .cache/: Python's confluent-kafka,
# which is librdkafka, and its lz4; with `protobuf` the provider's own Protocol Buffers classes; with
# `registry` Confluent's serializers too; with `schemathesis` what fuzzes an API from its OpenAPI document. Prints the
# path of its python; quick when it is there.
set -euo pipefail
case "${1:-}" in -h | --help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0"; exit ;; esac
cd "$(dirname "$0")/../.."

if [ "${1-}" = protobuf ]; then
  packages=(bitquery-pb2-kafka-package==0.2.36 protobuf==7.36.2)
  modules='google.protobuf, solana.token_block_message_pb2'
elif [ "${1-}" = schemathesis ]; then
  packages=(schemathesis==4.32.5)
  modules=schemathesis
elif [ "${1-}" = registry ]; then
  packages=("confluent-kafka[avro,json,protobuf]==2.11.1" fastavro==1.13.1 bitquery-pb2-kafka-package==0.2.36 protobuf==7.36.2)
  modules='fastavro, confluent_kafka.schema_registry.avro, solana.token_block_message_pb2'
else
  packages=(confluent-kafka==2.11.1 lz4==4.4.4)
  modules='confluent_kafka, lz4.frame'
fi
folder=$PWD/.cache/python/$(IFS=-; echo "${packages[*]//==/-}" | tr -d '[],')
python=$folder/bin/python
if ! "$python" -c "import $modules" 2>/dev/null; then
  rm -rf "$folder"
  mkdir -p "$(dirname "$folder")"
  python3 -m venv "$folder" >&2 || {
    echo "python: python3 with its venv module is needed (Debian: apt-get install python3-venv)" >&2
    exit 1
  }
  "$python" -m pip install --quiet --disable-pip-version-check "${packages[@]}" >&2
fi
echo "$python"
