#!/usr/bin/env bash
# Runs every check and every test of podlb. As root on Debian it installs what it lacks; otherwise it says what it
# skips and why.
#
#   bash lb-e2e/test.sh            whatever this machine can do
#   bash lb-e2e/test.sh --strict   everything; fails where something would have to be skipped
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

strict=false
case "${1:-}" in
  '') ;;
  --strict) strict=true ;;
  *)
    echo "test.sh: unknown argument $1 (expected: --strict or nothing)" >&2
    exit 2
    ;;
esac

lacks() { ! command -v "$1" >/dev/null 2>&1; }

wanted=()
if lacks ip; then wanted+=(iproute2); fi
if lacks nginx; then wanted+=(nginx); fi
if lacks curl; then wanted+=(curl); fi
if lacks haproxy; then wanted+=(haproxy); fi
if lacks wrk; then wanted+=(wrk); fi
if lacks iperf3; then wanted+=(iperf3); fi
if lacks iptables; then wanted+=(iptables); fi
if [[ ! -e /usr/lib/nginx/modules/ngx_stream_module.so ]]; then wanted+=(libnginx-mod-stream); fi
if lacks dnsmasq; then wanted+=(dnsmasq-base); fi
if lacks dig; then wanted+=(bind9-dnsutils); fi

if ((${#wanted[@]} > 0)) && [[ $(id -u) == 0 ]] && [[ -e /etc/debian_version ]]; then
  echo "test.sh: installing ${wanted[*]}"
  # Packages must not start their daemons: nginx would take port 80 of this machine.
  policy=/usr/sbin/policy-rc.d
  if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    trap 'rm -f "$policy"' EXIT
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get -qq update
  apt-get -qq install -y --no-install-recommends "${wanted[@]}" >/dev/null
fi

missing=()
[[ $(id -u) == 0 ]] || missing+=("root")
for tool in ip nginx curl dnsmasq dig; do
  if lacks "$tool"; then missing+=("$tool"); fi
done
if ((${#missing[@]} > 0)); then
  if $strict; then
    echo "test.sh: cannot run everything without: ${missing[*]}" >&2
    exit 1
  fi
  echo "test.sh: skipping the tests in network namespaces, they need: ${missing[*]}"
fi

options=(--batch-mode --no-transfer-progress)
if $strict; then
  options+=(-Dpodlb.test.strict=true -Dspotless.goal=check)
fi
mvn "${options[@]}" verify
