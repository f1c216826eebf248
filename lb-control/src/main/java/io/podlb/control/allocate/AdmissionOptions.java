package io.podlb.control.allocate;

import io.podlb.server.service.Cidr;
import io.podlb.server.service.IpFamily;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the cluster hands out.
 *
 * @param serviceCidrs where cluster IPs come from: one range, or one of each family, the default family first; an IPv6
 *     range has at most 64 bits for hosts (kube-semantics 16.1)
 * @param nodePortRange where node ports come from (kube-semantics 17.1)
 */
public record AdmissionOptions(List<Cidr> serviceCidrs, PortRange nodePortRange) {

    /** {@code 10.96.0.0/12} and {@code 30000-32767}. */
    public static final AdmissionOptions DEFAULT =
            new AdmissionOptions(List.of(Cidr.parse("10.96.0.0/12")), new PortRange(30000, 32767));

    private static final int MIN_IPV6_PREFIX = 64;

    public AdmissionOptions {
        serviceCidrs = List.copyOf(serviceCidrs);
        if (serviceCidrs.isEmpty() || serviceCidrs.size() > 2) {
            throw new IllegalArgumentException(
                    "service ranges: " + serviceCidrs + " (expected: one, or one of each family)");
        }
        if (serviceCidrs.size() == 2
                && serviceCidrs.get(0).family() == serviceCidrs.get(1).family()) {
            throw new IllegalArgumentException("service ranges: " + serviceCidrs + " (expected: one of each family)");
        }
        for (Cidr range : serviceCidrs) {
            if (range.family() == IpFamily.IPV6 && range.prefixLength() < MIN_IPV6_PREFIX) {
                throw new IllegalArgumentException(
                        "service range: " + range + " (expected for IPv6: a prefix of 64 or longer)");
            }
        }
    }

    /** The range of a family; null if the cluster does not have it. */
    @Nullable
    Cidr range(IpFamily family) {
        for (Cidr range : serviceCidrs) {
            if (range.family() == family) {
                return range;
            }
        }
        return null;
    }

    IpFamily defaultFamily() {
        return serviceCidrs.get(0).family();
    }

    boolean dualStack() {
        return serviceCidrs.size() == 2;
    }
}
