#!/usr/bin/env bash
# Runs the test projects given, all of them even if one fails, and counts. The logs stay in TestResults/ for the final count.
set -uo pipefail
cd "$(dirname "$0")/.."

mkdir -p TestResults
logs=()
for project; do
  log=TestResults/$(basename "$project" .csproj).log
  logs+=("$log")
  echo "== $project"
  # A test that hangs is ended, and fails, long before CI's patience is.
  dotnet test "$project" --no-build --nologo --tl:off --blame-hang-timeout 5m --blame-hang-dump-type none --results-directory TestResults/attachments 2>&1 | tee "$log"
  echo "exit code ${PIPESTATUS[0]}" >> "$log"
done
sum=$(build/count-tests.sh "${logs[@]}")
status=$?
echo "=== $sum"
exit $status
