package io.podlb.control.allocate;

import static io.podlb.control.allocate.ServiceTypes.isBlank;

import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.podlb.control.cluster.Problem;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the ports of a Service must be (kube-semantics 17.1, 17.5, 19.2, 19.3). */
final class PortRules {

    static final Set<String> PROTOCOLS = Set.of("TCP", "UDP", "SCTP");

    private static final Pattern DNS_LABEL = Pattern.compile("[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?");
    private static final Pattern PORT_NAME = Pattern.compile("(?=.{1,15}$)(?=.*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*");
    private static final Pattern DIGITS = Pattern.compile("[0-9]{1,5}");

    private final ServiceSpec spec;
    private final PortRange nodePortRange;
    private final Findings findings;

    private PortRules(ServiceSpec spec, PortRange nodePortRange, Findings findings) {
        this.spec = spec;
        this.nodePortRange = nodePortRange;
        this.findings = findings;
    }

    /** Checks a Service that has its defaults. */
    static void check(ServiceSpec spec, PortRange nodePortRange, Findings findings) {
        new PortRules(spec, nodePortRange, findings).check();
    }

    static boolean isPort(int number) {
        return number >= 1 && number <= 65535;
    }

    private void check() {
        List<ServicePort> ports = spec.getPorts();
        if (ports.isEmpty() && !ServiceTypes.isHeadless(spec) && !ServiceTypes.isExternalName(spec)) {
            findings.error("spec.ports", "is empty", "give the Service at least one port");
        }
        Map<String, Integer> names = new HashMap<>();
        Map<String, Integer> numbers = new HashMap<>();
        for (int i = 0; i < ports.size(); i++) {
            ServicePort port = ports.get(i);
            String path = "spec.ports[" + i + "]";
            number(port, path);
            name(port, path, names, i);
            target(port, path);
            nodePort(port, path);
            Integer first = numbers.putIfAbsent(port.getProtocol() + " " + port.getPort(), i);
            if (first != null && port.getPort() != null) {
                findings.error(
                        path + ".port",
                        port.getPort() + "/" + port.getProtocol() + " is that of spec.ports[" + first + "] too",
                        "use another number or protocol");
            }
        }
        if (!findings.hasErrors()) {
            distinctNodePorts();
        }
    }

    private void number(ServicePort port, String path) {
        if (port.getPort() == null) {
            findings.error(path + ".port", "is missing", "write what the Service listens on, 1 to 65535");
        } else if (!isPort(port.getPort())) {
            findings.error(path + ".port", port.getPort() + " is out of range", "use 1 to 65535");
        }
        if (!PROTOCOLS.contains(port.getProtocol())) {
            String upper = port.getProtocol().toUpperCase(Locale.ROOT);
            findings.error(
                    path + ".protocol",
                    Problem.shown(port.getProtocol()) + " is no protocol",
                    PROTOCOLS.contains(upper) ? "write " + upper : "use TCP, UDP or SCTP");
        }
    }

    private void name(ServicePort port, String path, Map<String, Integer> names, int index) {
        String name = port.getName();
        if (isBlank(name)) {
            if (spec.getPorts().size() > 1) {
                findings.error(path + ".name", "is missing", "name every port of a Service that has several");
            }
            return;
        }
        if (!DNS_LABEL.matcher(name).matches()) {
            findings.error(
                    path + ".name",
                    Problem.shown(name) + " is no port name",
                    "use at most 63 of a-z, 0-9 and '-', no '-' at either end");
        }
        Integer first = names.putIfAbsent(name, index);
        if (first != null) {
            findings.error(
                    path + ".name",
                    Problem.shown(name) + " is that of spec.ports[" + first + "] too",
                    "give every port a name of its own");
        }
    }

    private void target(ServicePort port, String path) {
        if (port.getTargetPort() == null) {
            return;
        }
        Integer number = port.getTargetPort().getIntVal();
        String name = port.getTargetPort().getStrVal();
        if (number != null) {
            boolean onlyDefault = number.equals(port.getPort());
            if (!isPort(number) && !onlyDefault) {
                findings.error(path + ".targetPort", number + " is out of range", "use 1 to 65535");
            }
        } else if (name != null && !PORT_NAME.matcher(name).matches()) {
            findings.error(
                    path + ".targetPort",
                    Problem.shown(name) + " is no port name",
                    DIGITS.matcher(name).matches()
                            ? "write " + name + " without quotes"
                            : "use a number, or at most 15 of a-z, 0-9 and single '-' with a letter among them");
        }
    }

    private void nodePort(ServicePort port, String path) {
        int number = ServiceTypes.nodePort(port);
        if (number == 0) {
            return;
        }
        if (!ServiceTypes.usesNodePorts(spec)) {
            findings.error(
                    path + ".nodePort",
                    number + " is not allowed with type " + spec.getType(),
                    "use type NodePort or LoadBalancer, or remove it");
        } else {
            inRange(path + ".nodePort", number);
        }
    }

    private void inRange(String field, int number) {
        if (!nodePortRange.contains(number)) {
            findings.error(
                    field,
                    number + " is outside of the node port range " + nodePortRange,
                    "use a number inside of it, or nothing for one that is free");
        }
    }

    /** Kube-semantics 17.5 and 19.3; and the health check node port is one of the same pool (17.10). */
    private void distinctNodePorts() {
        Set<Integer> seen = new HashSet<>();
        for (NodePortGroup group : NodePortGroup.of(spec)) {
            if (group.number() != 0 && !seen.add(group.number())) {
                findings.error(
                        group.field(),
                        group.number() + " is requested by another port of the Service too",
                        "use another number; only ports with the same spec.ports[].port share one");
            }
        }
        healthCheckNodePort(seen);
    }

    private void healthCheckNodePort(Set<Integer> nodePorts) {
        @Nullable Integer number = spec.getHealthCheckNodePort();
        if (number == null || number == 0) {
            return;
        }
        String field = "spec.healthCheckNodePort";
        if (!ServiceTypes.needsHealthCheck(spec)) {
            findings.error(
                    field,
                    number + " is not allowed",
                    "it needs type LoadBalancer and externalTrafficPolicy Local; remove it otherwise");
        } else if (nodePorts.contains(number)) {
            findings.error(field, number + " is a node port of the Service too", "use another number");
        } else {
            inRange(field, number);
        }
    }
}
