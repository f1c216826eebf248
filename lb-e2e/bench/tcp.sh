#!/usr/bin/env bash
# What the data path costs: podlb beside HAProxy, nginx, the kernel's NAT, and nothing in between, all on loopback. As
# root on Debian it installs what it lacks. See README.md.
#
#   bash lb-e2e/bench/tcp.sh              everything, in less than 15 minutes
#   bash lb-e2e/bench/tcp.sh --quick      a glance, in less than 2 minutes
#   bash lb-e2e/bench/tcp.sh --help       choose workloads, proxies, rounds, builds and JVM
#   BUILD=false bash lb-e2e/bench/tcp.sh  with what was built last
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source lb-e2e/bench/launch.sh
install iproute2=ip iptables=iptables curl=curl nginx=nginx libnginx-mod-stream=/usr/lib/nginx/modules/ngx_stream_module.so \
  haproxy=haproxy wrk=wrk iperf3=iperf3
if ${BUILD:-true}; then build; fi
if [[ ${1:-} == --quick ]]; then
  shift
  set -- --rounds 2 --seconds 1 --warm-ups 3 --workloads keep-alive,connections,bulk \
    --proxies podlb-io_uring,podlb-epoll,haproxy,direct "$@"
fi
run io.podlb.e2e.bench.TcpBenchmark "$@"
