#!/usr/bin/env bash
# How long the test kit takes to start a lab, the first one of a JVM and then many. A few seconds. See README.md.
#
#   bash lb-e2e/bench/kit.sh              40 labs, of which the first 20 warm up
#   bash lb-e2e/bench/kit.sh 200          another number of labs
#   BUILD=false bash lb-e2e/bench/kit.sh  with what was built last
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source lb-e2e/bench/launch.sh
install iproute2=ip
if ${BUILD:-true}; then build; fi
CORES=0,1 run io.podlb.kit.StartTimeMain "$@"
