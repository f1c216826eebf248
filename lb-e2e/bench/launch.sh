# What the benchmarks have in common; to be sourced. Runs a main class of lb-e2e in a network namespace of its own, so
# that ports, settings and packet filters of this machine play no part and nothing is left behind.

# install PACKAGE=COMMAND...: as root on Debian, those whose command is missing.
install() {
  local wanted=() pair
  for pair in "$@"; do
    command -v "${pair#*=}" >/dev/null 2>&1 || [[ -e ${pair#*=} ]] || wanted+=("${pair%%=*}")
  done
  if ((${#wanted[@]} == 0)); then return; fi
  if [[ $(id -u) != 0 || ! -e /etc/debian_version ]]; then
    echo "$0: these are missing: ${wanted[*]}" >&2
    exit 1
  fi
  echo "$0: installing ${wanted[*]}" >&2
  # Packages must not start their daemons: they would take ports of this machine.
  local policy=/usr/sbin/policy-rc.d
  if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    trap 'rm -f "$policy"' RETURN
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get -qq update
  apt-get -qq install -y --no-install-recommends "${wanted[@]}" >/dev/null
}

# build: lb.jar and the classes of lb-e2e, and the class path of the latter in target/bench.classpath.
build() {
  mvn --batch-mode --no-transfer-progress -q package -pl lb-e2e -am -DskipTests \
    org.apache.maven.plugins:maven-dependency-plugin:3.11.0:build-classpath \
    -Dmdep.outputFile=target/bench.classpath -Dmdep.includeScope=test
}

# run MAIN ARGUMENT...: on the core of clients, or on those of CORES
run() {
  local path java
  path=lb-e2e/target/test-classes:lb-e2e/target/classes:$(<lb-e2e/target/bench.classpath)
  java=(taskset -c "${CORES:-1}" java -Xmx256m -XX:+UseSerialGC -cp "$path")
  if [[ $(id -u) != 0 ]]; then exec "${java[@]}" "$@"; fi
  # Ports enough for short connections, whichever side closes first. The congestion control that Linux comes with, or
  # where a namespace may not have it, one that does not pace either: loopback has no bandwidth to probe for.
  local settings='sysctl -qw net.ipv4.tcp_tw_reuse=1 net.ipv4.ip_local_port_range="20000 65535"
    sysctl -qw net.ipv4.tcp_congestion_control=cubic 2>/dev/null || sysctl -qw net.ipv4.tcp_congestion_control=reno'
  exec unshare --net --mount bash -ec "ip link set dev lo up; $settings; exec \"\$@\"" \
    bash "${java[@]}" -Dbench.sysctl="$settings" "$@"
}
