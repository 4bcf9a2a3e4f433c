#!/usr/bin/env bash
# Publishes the program: build/publish.sh [directory, "out" if not given]. RID=linux-arm64 to build for another platform than this one.
set -euo pipefail
cd "$(dirname "$0")/.."

out=${1:-out}
case ${RID:-$(uname -m)} in
  x86_64 | linux-x64) rid=linux-x64 ;;
  aarch64 | linux-arm64) rid=linux-arm64 ;;
  *) echo "Mimu is not built for ${RID:-$(uname -m)}: build/hashes.props has no native libraries for it." >&2; exit 1 ;;
esac
project=src/Mimu.Appliance
log=$project/obj/publish-$rid.log

fail() {
  echo "make publish: $1" >&2
  # Else the next run would find the compiled program, skip the compiler, and miss its warnings.
  rm -rf "$out" "$project/obj/Release/net10.0/$rid/native"
  exit 1
}

rm -rf "$out"
mkdir -p "$project/obj"
# Without a RID: the lock files are those of a plain restore.
dotnet restore $project --tl:off -v minimal
dotnet publish $project --no-restore --nologo -c Release -r "$rid" -o "$out" --tl:off 2>&1 | tee "$log" || fail "failed, see above"

grep -iE '\bwarning\b|\bIL[23][0-9]{3}\b' "$log" && fail "there are warnings"
left=$(find "$out" -mindepth 1 | sort)
[ "$left" = "$out/mimu" ] || fail "not one file, but: $left"
touch "$out/mimu" # the copy keeps the linker's time, which may be older than a source that didn't change the code
echo "$out/mimu, $(stat -c %s "$out/mimu" | numfmt --to=iec-i --suffix=B)"
