#!/usr/bin/env bash
# What a datagram costs: podlb beside nginx, and nothing in between, all on loopback. As root on Debian it installs what
# it lacks. See README.md.
#
#   bash lb-e2e/bench/udp.sh              everything, in less than 6 minutes
#   bash lb-e2e/bench/udp.sh --quick      a glance, in less than 2 minutes
#   bash lb-e2e/bench/udp.sh --help       choose workloads, proxies and rounds
#   BUILD=false bash lb-e2e/bench/udp.sh  with what was built last
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source lb-e2e/bench/launch.sh
install iproute2=ip nginx=nginx libnginx-mod-stream=/usr/lib/nginx/modules/ngx_stream_module.so
if ${BUILD:-true}; then build; fi
if [[ ${1:-} == --quick ]]; then
  shift
  set -- --rounds 2 --seconds 1 "$@"
fi
run io.podlb.e2e.bench.UdpBenchmark "$@"
