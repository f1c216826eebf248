#!/usr/bin/env bash
# How the node daemon scales: the first table, the time from a change to its effect, and memory, for 100, 1 000 and
# 10 000 Services with ten endpoints each. Everything is on loopback; it takes about two minutes. See README.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
mvn --batch-mode --no-transfer-progress -q verify -pl lb-e2e -am \
  -Dtest='io.podlb.e2e.ScaleBenchmark' -Dsurefire.failIfNoSpecifiedTests=false
