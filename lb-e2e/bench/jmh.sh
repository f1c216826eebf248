#!/usr/bin/env bash
# Single steps of the data plane by JMH: the choice of a backend, a change of endpoints, the way of one byte. Six minutes
# for all of it. See README.md.
#
#   bash lb-e2e/bench/jmh.sh                            everything
#   bash lb-e2e/bench/jmh.sh Pick -p backends=100       arguments are JMH's own; -h lists them
#   BUILD=false bash lb-e2e/bench/jmh.sh                with what was built last
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source lb-e2e/bench/launch.sh
install iproute2=ip
if ${BUILD:-true}; then build; fi
CORES=0,1 run org.openjdk.jmh.Main -rf json -rff lb-e2e/target/jmh.json "$@"
