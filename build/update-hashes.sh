#!/usr/bin/env bash
# Writes build/hashes.props and the lock files anew, after a version in Directory.Packages.props or src/Directory.Build.props was changed on purpose.
# Review the difference before you commit it: these hashes are what a later build is held to.
set -euo pipefail
cd "$(dirname "$0")/.."

dotnet restore Mimu.sln --force-evaluate
packages=$(dotnet nuget locals global-packages --list | sed 's/^global-packages: *//')
lock=src/Mimu.Appliance/packages.lock.json
runtime=$(sed -n 's/.*<RuntimeFrameworkVersion>\(.*\)<.*/\1/p' src/Directory.Build.props)

locked_version() { sed -n "/\"$1\": {/,/}/s/.*\"resolved\": \"\(.*\)\".*/\1/p" "$lock" | head -n 1; }

library() { # package, file
  local version path
  version=$(locked_version "$1")
  path=$packages${1,,}/$version/runtimes/$rid/native/$2
  echo "    <NativeLibraryHash Include=\"$2\" Rid=\"$rid\" Sha256=\"$(sha256sum "$path" | cut -d ' ' -f 1)\" />"
}

pack() {
  local hash
  hash=$(sed -n 's/.*"contentHash": "\(.*\)".*/\1/p' "$packages${1,,}/$runtime/.nupkg.metadata")
  echo "    <PackHash Include=\"$1\" ContentHash=\"$hash\" />"
}

new=$(
  echo "<!-- Written by build/update-hashes.sh. -->"
  echo "<Project>"
  echo "  <ItemGroup>"
  for rid in linux-arm64 linux-x64; do
    library SQLite libe_sqlite3.so
    library libsodium libsodium.so
    pack "Microsoft.AspNetCore.App.Runtime.$rid"
    pack "Microsoft.NETCore.App.Runtime.NativeAOT.$rid"
    pack "runtime.$rid.Microsoft.DotNet.ILCompiler"
  done
  echo "  </ItemGroup>"
  echo "</Project>"
)
echo "$new" > build/hashes.props
git --no-pager diff --stat
