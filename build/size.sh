#!/usr/bin/env bash
# What the program weighs and what it needs of the system; fails if either grew without anybody deciding it.
set -euo pipefail

program=$1
limit=$((32 * 1024 * 1024))
bytes=$(stat -c %s "$program")
echo "$program: $(numfmt --to=iec-i --suffix=B "$bytes"), limit $(numfmt --to=iec-i --suffix=B $limit)"
[ "$bytes" -le $limit ] || { echo "too big; raise the limit in $0 if it is worth it" >&2; exit 1; }

needed=$(objdump -p "$program" | awk '$1 == "NEEDED" { print $2 }' | sort)
echo "linked with: ${needed//$'\n'/ }"
strange=$(echo "$needed" | grep -vE '^(libc|libm|ld-linux-x86-64|ld-linux-aarch64)\.so\.[0-9]+$' || true)
[ -z "$strange" ] || { echo "needs more of the system than the C library: $strange" >&2; exit 1; }
