#!/usr/bin/env bash
# Adds up the closing lines of the test runner in the given logs and prints "N passed, N failed" (and skipped, if any).
# A runner that broke off counts as a failure. Fails unless something passed and nothing failed.
set -euo pipefail

passed=0 failed=0 skipped=0
for log; do
  log_failed=0 closed=no
  while read -r f p s; do
    closed=yes
    log_failed=$((log_failed + f)) passed=$((passed + p)) skipped=$((skipped + s))
  done < <(sed -nE 's/^ *(Passed|Failed|Skipped)! +- Failed: +([0-9]+), Passed: +([0-9]+), Skipped: +([0-9]+),.*/\2 \3 \4/p' "$log")
  if [ $log_failed = 0 ] && { [ $closed = no ] || ! grep -qx 'exit code 0' "$log"; }; then
    echo "$log: the test runner did not finish" >&2
    log_failed=1
  fi
  failed=$((failed + log_failed))
done

line="$passed passed, $failed failed"
[ $skipped = 0 ] || line+=", $skipped skipped"
[ $passed != 0 ] || echo "no test passed" >&2
echo "$line"
[ $passed != 0 ] && [ $failed = 0 ]
