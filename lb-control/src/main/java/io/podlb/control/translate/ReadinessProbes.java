package io.podlb.control.translate;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HTTPGetAction;
import io.fabric8.kubernetes.api.model.HTTPHeader;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Probe;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.SocketAddressSpec;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The readiness probes of a Pod as checks that can be made from here, with the defaults of a kubelet: {@code httpGet}
 * over HTTP; {@code tcpSocket}, {@code grpc} and {@code httpGet} over HTTPS as connects. A probe that runs a command
 * cannot be made from outside and is passed over.
 */
final class ReadinessProbes {

    private ReadinessProbes() {}

    /** The checks that must all succeed; empty if the Pod has no probe that can be made. */
    static List<Check> of(Pod pod, InetAddress address) {
        List<Check> checks = new ArrayList<>();
        if (pod.getSpec() != null) {
            for (Container container : OrEmpty.list(pod.getSpec().getContainers())) {
                Check check = check(pod, container.getReadinessProbe(), address);
                if (check != null) {
                    checks.add(check);
                }
            }
        }
        return checks;
    }

    private static @Nullable Check check(Pod pod, @Nullable Probe probe, InetAddress podAddress) {
        if (probe == null) {
            return null;
        }
        HTTPGetAction http = probe.getHttpGet();
        if (http != null) {
            boolean plain = !"HTTPS".equals(http.getScheme());
            return check(pod, probe, address(http.getHost(), podAddress), http.getPort(), plain ? http : null);
        }
        if (probe.getTcpSocket() != null) {
            InetAddress address = address(probe.getTcpSocket().getHost(), podAddress);
            return check(pod, probe, address, probe.getTcpSocket().getPort(), null);
        }
        if (probe.getGrpc() != null && probe.getGrpc().getPort() != null) {
            return check(pod, probe, podAddress, new IntOrString(probe.getGrpc().getPort()), null);
        }
        return null;
    }

    /** A host that is a name is not looked up; the Pod itself is asked then. */
    private static InetAddress address(@Nullable String host, InetAddress podAddress) {
        InetAddress given = host == null ? null : Addresses.orNull(host);
        return given == null ? podAddress : given;
    }

    private static @Nullable Check check(
            Pod pod, Probe probe, InetAddress address, @Nullable IntOrString port, @Nullable HTTPGetAction http) {
        Integer number = port == null
                ? null
                : port.getIntVal() != null
                        ? port.getIntVal()
                        : PodFacts.namedPort(pod, OrEmpty.text(port.getStrVal()), Protocol.TCP);
        if (number == null || !PortReading.isPort(number)) {
            return null;
        }
        return new Check(
                new SocketAddressSpec(address, number),
                http == null ? null : path(http),
                http == null ? Map.of() : headers(http),
                seconds(probe.getInitialDelaySeconds(), 0, 0),
                seconds(probe.getPeriodSeconds(), 10, 1),
                seconds(probe.getTimeoutSeconds(), 1, 1),
                orDefault(probe.getSuccessThreshold(), 1),
                orDefault(probe.getFailureThreshold(), 3));
    }

    private static String path(HTTPGetAction http) {
        String path = OrEmpty.text(http.getPath());
        return path.startsWith("/") ? path : "/" + path;
    }

    private static Map<String, String> headers(HTTPGetAction http) {
        Map<String, String> headers = new HashMap<>();
        for (HTTPHeader header : OrEmpty.list(http.getHttpHeaders())) {
            headers.put(OrEmpty.text(header.getName()), OrEmpty.text(header.getValue()));
        }
        return headers;
    }

    private static Duration seconds(@Nullable Integer given, int usual, int least) {
        return Duration.ofSeconds(Math.max(least, given == null ? usual : given));
    }

    private static int orDefault(@Nullable Integer given, int usual) {
        return given == null || given < 1 ? usual : given;
    }
}
