#!/usr/bin/env bash
# Installs what the build needs and this machine lacks; "build/setup.sh tests" also what only the tests need. Silent when there is nothing to do; says
# what it will do before it does it.
set -euo pipefail
cd "$(dirname "$0")/.."

export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DOTNET_NOLOGO=1 # `dotnet` itself must not need ICU
if ! sdk=$(dotnet --version 2>&1) || [[ $sdk != 10.* ]]; then
  echo "Mimu is built with the .NET SDK 10, which Debian 12 does not package, so it has to be installed by hand:" >&2
  echo "https://learn.microsoft.com/dotnet/core/install/linux-debian" >&2
  echo "What 'dotnet --version' says here: ${sdk:-nothing}" >&2
  exit 1
fi

links() { # does this compiler make a program?
  command -v "$1" > /dev/null && echo 'int main(void) { return 0; }' | "$1" -x c - -o /dev/null 2> /dev/null
}

packages=()
links clang || links gcc || packages+=(gcc libc6-dev)                             # native compilation ends with their linker
command -v objcopy > /dev/null || packages+=(binutils)                            # takes the debug symbols out
compgen -G '/lib/*/libssl.so.3' > /dev/null || compgen -G '/usr/lib*/libssl.so.3' > /dev/null || packages+=(libssl3)   # TLS, at run time
[ -e /etc/ssl/certs/ca-certificates.crt ] || packages+=(ca-certificates)          # HTTPS to NuGet
command -v make > /dev/null || packages+=(make)
if [ "${1:-}" = tests ]; then                                                     # for clients of others: tests/libsignal, tests/s3-clients
  command -v curl > /dev/null || packages+=(curl)
  command -v node > /dev/null || packages+=(nodejs)
  command -v npm > /dev/null || packages+=(npm)
  command -v turnserver > /dev/null || packages+=(coturn)                         # a real TURN server; the tests start one of their own on loopback
  command -v chromium > /dev/null || packages+=(chromium)                         # a real browser, for calls: tests/webrtc
  [ -d /usr/lib/python3/dist-packages/swift ] || packages+=(python3-swift)        # a real S3 store, tests/s3; a library only, no service is started
fi
[ ${#packages[@]} = 0 ] && exit 0

install="apt-get install -y --no-install-recommends ${packages[*]}"
if [ "$(id -u)" = 0 ]; then
  as_root=()
elif sudo -n true 2> /dev/null; then
  as_root=(sudo -n)
else
  echo "Missing: ${packages[*]}. Only root can install it:" >&2
  echo "  sudo apt-get update && sudo $install" >&2
  exit 1
fi

echo "Missing: ${packages[*]}. Installing it from Debian's packages: $install"
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get -o DPkg::Lock::Timeout=120 update -q
"${as_root[@]}" apt-get -o DPkg::Lock::Timeout=120 install -y -q --no-install-recommends "${packages[@]}"
