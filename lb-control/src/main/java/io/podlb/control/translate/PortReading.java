package io.podlb.control.translate;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.podlb.server.service.Protocol;
import org.jspecify.annotations.Nullable;

/** Numbers, names and protocols of ports as they stand in Kubernetes objects. */
final class PortReading {

    private PortReading() {}

    static boolean isPort(int number) {
        return number >= 1 && number <= 65535;
    }

    /** TCP where nothing is said (kube-semantics 18.1); null for one that Kubernetes does not have. */
    static @Nullable Protocol protocol(@Nullable String name) {
        return switch (OrEmpty.text(name)) {
            case "", "TCP" -> Protocol.TCP;
            case "UDP" -> Protocol.UDP;
            case "SCTP" -> Protocol.SCTP;
            default -> null;
        };
    }

    /** The name of the target port; null if the target is a number. */
    static @Nullable String targetName(ServicePort port) {
        IntOrString target = port.getTargetPort();
        return target == null ? null : OrEmpty.orNull(target.getStrVal());
    }

    /** The number of the target port: the port of the Service where nothing is said (kube-semantics 18.1). */
    static int targetNumber(ServicePort port) {
        IntOrString target = port.getTargetPort();
        Integer number = target == null ? null : target.getIntVal();
        if (number != null && number != 0) {
            return number;
        }
        return port.getPort() == null ? 0 : port.getPort();
    }

    /** Name or number of the target port, for people. */
    static String target(ServicePort port) {
        String name = targetName(port);
        return name == null ? Integer.toString(targetNumber(port)) : name;
    }
}
