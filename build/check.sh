#!/usr/bin/env bash
# `make check`: one step after the other, until one fails.
set -uo pipefail
cd "$(dirname "$0")/.."

rm -rf TestResults
for step in format-check test size; do
  echo "=== make $step"
  SECONDS=0
  if ! make "$step"; then
    echo "=== make check FAILED at: make $step" >&2
    exit 1
  fi
  echo "=== make $step: done in $SECONDS s"
done
echo "=== make check: all is well"
